"""A search by Optuna as its users run one on several cores: a process a core, one storage, a loop that trains."""

from __future__ import annotations

import pickle
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import optuna
from optuna.storages import BaseStorage, JournalStorage
from optuna.storages.journal import JournalFileBackend

from benchmarks.loops import LOOPS, Training
from benchmarks.processes import Team, wait_for_all
from benchmarks.workload import RANGES, suggested

_NAME = "search"


@dataclass(frozen=True)
class Rules:
    """How to search, and when to end: after so many trials of each process, so many seconds, or at a score.

    `loop` trains a setting; `storage` is a URL, or the path of a journal; the score is the smaller the better.
    """

    loop: str
    storage: str
    prunes: bool
    trials: int | None = None
    seconds: float | None = None
    target: float | None = None


@dataclass(frozen=True)
class Improvement:
    """A score that was the best of its process so far, and how long after the start it was reached."""

    seconds: float
    score: float


@dataclass(frozen=True)
class Searched:
    """One process's search: its improvements in order, when it started and ended by the monotonic clock, its trials."""

    improvements: tuple[Improvement, ...]
    began: float
    ended: float
    trials: int


def search(team: Team, training: Training, rules: Rules, folder: Path) -> list[Searched]:
    """What each process of the team came to."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    optuna.create_study(study_name=_NAME, storage=_storage(rules.storage), direction="minimize")
    shared = folder / f"{rules.loop}.training"
    shared.write_bytes(pickle.dumps(training))
    return team.work(_search, shared, rules)


def best(searched: Iterable[Searched]) -> Improvement:
    """The best score of all processes, when it was reached first.

    Raises:
        ValueError: none of them ended an epoch in its time.
    """
    found = [each for of_one in searched for each in of_one.improvements]
    if not found:
        raise ValueError("no process ended an epoch in its time: give the search more of it, or smaller epochs")
    return min(found, key=lambda each: (each.score, each.seconds))


def seconds_to(target: float, searched: Iterable[Searched]) -> float | None:
    """When any process first reached the target; None where none did."""
    reached = [each.seconds for of_one in searched for each in of_one.improvements if each.score <= target]
    return min(reached, default=None)


def _search(shared: Path, rules: Rules) -> Searched:
    training: Training = pickle.loads(shared.read_bytes())
    # Where one process has reached the target, the others see it at the end of an epoch.
    reached = shared.with_suffix(".reached")
    loop = LOOPS[rules.loop]
    pruner = optuna.pruners.MedianPruner() if rules.prunes else optuna.pruners.NopPruner()
    study = optuna.load_study(
        study_name=_NAME, storage=_storage(rules.storage), sampler=optuna.samplers.TPESampler(), pruner=pruner
    )
    improvements: list[Improvement] = []
    trials = 0
    next(loop(training, {name: low for name, (low, _, _) in RANGES.items()}))  # what is loaded first is not in the time
    wait_for_all()
    began = time.monotonic()

    def objective(trial: optuna.trial.Trial) -> float:
        nonlocal trials
        trials += 1
        lowest = float("inf")
        for epoch, score in enumerate(loop(training, suggested(trial))):
            seconds = time.monotonic() - began
            if reached.exists() or (rules.seconds is not None and seconds > rules.seconds):
                study.stop()
                raise optuna.TrialPruned
            lowest = min(lowest, score)
            if not improvements or score < improvements[-1].score:
                improvements.append(Improvement(seconds, score))
            if rules.target is not None and score <= rules.target:
                reached.touch()
            trial.report(score, epoch)
            if rules.prunes and trial.should_prune():
                raise optuna.TrialPruned
        return lowest

    study.optimize(objective, n_trials=rules.trials)
    return Searched(tuple(improvements), began, time.monotonic(), trials)


def _storage(named: str) -> str | BaseStorage:
    return named if "://" in named else JournalStorage(JournalFileBackend(named))
