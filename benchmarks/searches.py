"""Searches on a problem: a sampler that suggests, trials that end in turn, and the regret that is left."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState, create_trial

from regtune.setting import Value
from regtune.space import Dimension, SearchSpace
from service.coordinator import suggest
from service.coordinator.draws import draw, options_of
from service.coordinator.sampler import PastTrial, Point, Sampler, Scored

Build = Callable[[SearchSpace, int], Sampler]


class Problem(Protocol):
    """What is searched: a synthetic surface, or a recorded table of trials."""

    @property
    def name(self) -> str: ...

    @property
    def space(self) -> SearchSpace: ...

    def loss(self, seed: int, point: Point) -> float:
        """The true loss of a point in the instance with this seed, near 0 at best."""

    def reported(self, seed: int, number: int, point: Point) -> float:
        """What trial `number` reports."""


class PlainOptuna(Sampler):
    """Optuna's estimator as its users have it: one study in memory, asked and told, nothing forgotten.

    It knows no program part, and draws each trial's anew.
    """

    def __init__(self, space: SearchSpace, seed: int) -> None:
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._space = space
        sampler = optuna.samplers.TPESampler(n_startup_trials=10, seed=seed)
        self._study = optuna.create_study(direction="minimize", sampler=sampler)
        self._distributions = {at.name: _distribution(at) for at in space}
        self._asked: dict[int, optuna.Trial] = {}

    def learn(self, trials: Sequence[PastTrial]) -> None:
        """Take in trials that ended with a value."""
        for trial in trials:
            if not isinstance(trial.outcome, Scored) or trial.point is None:
                continue
            if trial.number in self._asked:
                self._study.tell(self._asked.pop(trial.number), trial.outcome.loss)
            else:
                known = {name: self._distributions[name] for name in trial.point}
                made = create_trial(
                    state=TrialState.COMPLETE,
                    value=trial.outcome.loss,
                    params=dict(trial.point),
                    distributions=known,
                )
                self._study.add_trial(made)

    def suggest(self, number: int, rank: int) -> Point:
        """The point that Optuna suggests next."""
        asked = self._study.ask()
        self._asked[number] = asked

        def value_of(at: Dimension) -> Value:
            found: Value = asked._suggest(at.name, self._distributions[at.name])
            return found

        return draw(self._space, value_of)


BUILDS: dict[str, Build] = {
    "tpe": lambda space, seed: suggest.build("tpe", space, seed),
    "optuna_tpe": lambda space, seed: suggest.build("optuna_tpe", space, seed),
    "optuna": PlainOptuna,
    "random": lambda space, seed: suggest.build("random", space, seed),
}


def regrets(build: Build, problem: Problem, seed: int, trials: int, pending: int) -> list[float]:
    """The regret after each trial: the true loss of the trial that reported the least so far.

    `pending` suggestions are out at any time; the oldest ends, and its place is taken.
    """
    sampler = build(problem.space, seed)
    waiting: deque[tuple[int, Point]] = deque()
    found: list[float] = []
    least, regret = float("inf"), float("inf")
    for number in range(trials + pending):
        if len(waiting) == pending or number >= trials:
            ended, point = waiting.popleft()
            reported = problem.reported(seed, ended, point)
            if reported < least:
                least, regret = reported, problem.loss(seed, point)
            found.append(regret)
            sampler.learn([PastTrial(ended, True, point, Scored(reported))])
        if number < trials:
            suggested = sampler.suggest(number, number)
            if suggested is None:
                raise RuntimeError(f"a sampler gave nothing for trial {number} of {problem.name}")
            waiting.append((number, suggested))
        if not waiting:
            break
    return found


def _distribution(at: Dimension) -> BaseDistribution:
    if at.low is None or at.high is None:
        return CategoricalDistribution(options_of(at))
    if at.type == "integer":
        return IntDistribution(round(at.low), round(at.high), log=at.log)
    return FloatDistribution(at.low, at.high, log=at.log)
