"""Tree-structured Parzen estimator: Optuna's, asked from a study in memory that is rebuilt from our own history.

The sampler is seeded anew for each trial by (study seed, trial number), so that an answer depends on the past it was
told and on nothing else. The first sampled trial of a block of 32 draws the program part; the others take it over.

Sources: Bergstra et al. (2011), "Algorithms for hyper-parameter optimization", NeurIPS 24; Watanabe (2023),
arXiv:2304.11127.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial

from regtune.setting import Value
from regtune.space import Dimension, SearchSpace
from service.coordinator.blocks import ProgramBlocks
from service.coordinator.draws import draw, draw_unlearned, options_of, seed_from
from service.coordinator.sampler import Censored, Lost, PastTrial, Pending, Point, Sampler, Scored

STARTUP_TRIALS = 10
"""How many trials with a value, or cut, it takes before the estimator is asked.

Draws are our own until then, since Optuna's know only even chances.
"""

REMEMBERED_TRIALS = 500
REMEMBERED_BEST = 25

# Optuna would otherwise print a line for each study made in memory.
optuna.logging.set_verbosity(optuna.logging.ERROR)


def build(space: SearchSpace, seed: int) -> Sampler:
    """The sampler of a study with this space and seed."""
    return OptunaTpeSampler(space, seed)


class OptunaTpeSampler(Sampler):
    """Learns from trials that ended with a value, and counts pending ones as bad, so that batches spread out."""

    def __init__(self, space: SearchSpace, seed: int) -> None:
        self._space = space
        self._seed = seed
        self._distributions = {at.name: _distribution(at) for at in space.dimensions}
        self._blocks = ProgramBlocks(space)
        self._past: dict[int, PastTrial] = {}
        self._finished = self._forgotten = 0
        self._memory = optuna.create_study(direction="minimize")
        self._place_in_memory: dict[int, int] = {}

    def pending_limit(self, finished: int) -> int:
        """A quarter of what was learned from, so that search quality does not pay for speed."""
        return max(STARTUP_TRIALS, finished // 4)

    def learn(self, trials: Sequence[PastTrial]) -> None:
        """Take in trials that are new or whose outcome has changed, in the order of their numbers."""
        for trial in trials:
            self._learn_one(trial)
        self._finished = sum(isinstance(trial.outcome, Scored | Censored) for trial in self._past.values())
        forgotten = forgotten_trials(self._finished)
        if forgotten != self._forgotten:
            self._forgotten = forgotten
            self._rebuild()

    def suggest(self, number: int, rank: int) -> Point:
        """The point of trial `number`, which counts as pending from here on."""
        held = self._blocks.held(number)
        point = (
            self._estimated(number, held)
            if self._finished >= STARTUP_TRIALS
            else draw_unlearned(self._space, self._seed, number, held)
        )
        self._learn_one(PastTrial(number, sampled=True, point=point, outcome=Pending()))
        return point

    def _estimated(self, number: int, held: Mapping[str, Value]) -> Point:
        self._memory.sampler = optuna.samplers.TPESampler(
            n_startup_trials=0, constant_liar=True, seed=seed_from(self._seed, "tpe", number) >> 32
        )
        self._memory.enqueue_trial(dict(held))
        asked = self._memory.ask()
        point = draw(self._space, lambda at: _ask(asked, at))
        # A trial that was asked for keeps notes of its draw, and would weigh otherwise than one rebuilt from history.
        self._memory.tell(asked, state=TrialState.FAIL)
        return point

    def _learn_one(self, trial: PastTrial) -> None:
        known = self._past.get(trial.number)
        self._past[trial.number] = trial
        if trial.point is None:
            return
        if known is None:
            self._blocks.take(trial)
            self._remember(trial, trial.point)
        elif isinstance(known.outcome, Pending) and trial.number in self._place_in_memory:
            place = self._place_in_memory[trial.number]
            if isinstance(trial.outcome, Scored):
                self._memory.tell(place, trial.outcome.loss)
            elif isinstance(trial.outcome, Censored):
                # Its estimator ranks pruned trials by how far they came, then by what they reported there.
                optuna.Trial(self._memory, place).report(trial.outcome.loss, step=trial.outcome.epochs)
                self._memory.tell(place, state=TrialState.PRUNED)
            elif isinstance(trial.outcome, Lost):
                self._memory.tell(place, state=TrialState.FAIL)

    def _remember(self, trial: PastTrial, point: Point) -> None:
        self._place_in_memory[trial.number] = len(self._memory.get_trials(deepcopy=False))
        self._memory.add_trial(self._frozen(trial, point))

    def _rebuild(self) -> None:
        self._memory = optuna.create_study(direction="minimize")
        self._place_in_memory = {}
        for trial in remembered(sorted(self._past.values(), key=lambda trial: trial.number), self._forgotten):
            if trial.point is not None:
                self._remember(trial, trial.point)

    def _frozen(self, trial: PastTrial, point: Point) -> FrozenTrial:
        distributions = {name: self._distributions[name] for name in point}
        if isinstance(trial.outcome, Scored):
            return create_trial(value=trial.outcome.loss, params=dict(point), distributions=distributions)
        if isinstance(trial.outcome, Censored):
            return create_trial(
                state=TrialState.PRUNED,
                value=trial.outcome.loss,
                intermediate_values={trial.outcome.epochs: trial.outcome.loss},
                params=dict(point),
                distributions=distributions,
            )
        state = TrialState.RUNNING if isinstance(trial.outcome, Pending) else TrialState.FAIL
        return create_trial(state=state, params=dict(point), distributions=distributions)


def forgotten_trials(finished: int) -> int:
    """How many of `finished` trials are old enough to be left out: all but the last 500 to 999, in steps of 500."""
    return max(0, finished // REMEMBERED_TRIALS - 1) * REMEMBERED_TRIALS


def remembered(past: Sequence[PastTrial], forgotten: int) -> list[PastTrial]:
    """The past without its `forgotten` first trials that have a value or were cut, but with the 25 best of those.

    A suggestion costs time in proportion to what is remembered. The estimator's good group never exceeds the 25 best
    of all, which stay, and it gives the old ones of the bad group little weight.
    """
    finished = [
        (*_standing(trial.outcome), trial.number) for trial in past if isinstance(trial.outcome, Scored | Censored)
    ]
    left_out = {number for *_, number in sorted(finished[:forgotten])[REMEMBERED_BEST:]}
    return [trial for trial in past if trial.number not in left_out]


def _standing(outcome: Scored | Censored) -> tuple[float, float]:
    """What the better of two outcomes has less of: trials with a value first, then cut ones, the furthest first."""
    return (-outcome.epochs if isinstance(outcome, Censored) else -math.inf, outcome.loss)


def _distribution(dimension: Dimension) -> BaseDistribution:
    if dimension.low is None or dimension.high is None:
        return CategoricalDistribution(options_of(dimension))
    if dimension.type == "integer":
        return IntDistribution(round(dimension.low), round(dimension.high), log=dimension.log)
    return FloatDistribution(dimension.low, dimension.high, log=dimension.log)


def _ask(asked: optuna.Trial, dimension: Dimension) -> Value:
    if dimension.low is None or dimension.high is None:
        options = options_of(dimension)
        return options[options.index(asked.suggest_categorical(dimension.name, options))]
    if dimension.type == "integer":
        return asked.suggest_int(dimension.name, round(dimension.low), round(dimension.high), log=dimension.log)
    return asked.suggest_float(dimension.name, dimension.low, dimension.high, log=dimension.log)
