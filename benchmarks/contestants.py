"""Ways to train the same trials in one process: the typical loop, the careful one, and lanes.

The loops ask their pruner and go on all the same, so that everyone trains the same epochs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import optuna

from benchmarks.loops import Loop, Training, careful, hits, typical
from benchmarks.processes import Team, wait_for_all
from benchmarks.workload import Workload, program_of, rows, space, suggested
from regcore.lanes import Finished, Fit, Lanes
from regcore.lanes.engines import EngineName
from service.coordinator import suggest
from service.coordinator.sampler import Lost, PastTrial, Scored

_SHARED = "typical"

Contestant = Callable[[Workload, str], None]
"""Trains `workload.trials` trials; the string is the URL of a storage that typical loops share."""


def _in_a_shared_study(workload: Workload, storage: str) -> None:
    """The typical loop: TPE, median pruner, every epoch reported to SQLite."""
    study = optuna.load_study(
        study_name=_SHARED,
        storage=storage,
        sampler=optuna.samplers.TPESampler(),
        pruner=optuna.pruners.MedianPruner(),
    )
    study.optimize(_objective(typical, workload), n_trials=workload.trials)


def _in_memory(workload: Workload, storage: str) -> None:
    """The careful loop, the study in memory."""
    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.TPESampler(), pruner=optuna.pruners.MedianPruner()
    )
    study.optimize(_objective(careful, workload), n_trials=workload.trials)


def _objective(loop: Loop, workload: Workload) -> Callable[[optuna.trial.Trial], float]:
    training = Training(rows(), workload.width, workload.depth, workload.epochs, workload.batch_size, hits)

    def objective(trial: optuna.trial.Trial) -> float:
        best = 0.0
        for epoch, accuracy in enumerate(loop(training, suggested(trial))):
            best = max(best, accuracy)
            trial.report(accuracy, epoch)
            trial.should_prune()
        return best

    return objective


def _lanes(workload: Workload, storage: str, engine: EngineName) -> None:
    """regcore's lanes as a worker drives them, refilled at the end of an epoch, with suggestions of regtune's `tpe`."""
    sampler = suggest.build("tpe", space(), seed=0)
    together = Lanes(program_of(workload), rows(), lanes=workload.lanes, engine=engine)
    training: dict[str, PastTrial] = {}
    asked = 0
    while asked < workload.trials or together.busy:
        entering = []
        for number in range(asked, min(asked + together.free, workload.trials)):
            point = sampler.suggest(number, number) or {}
            training[str(number)] = PastTrial(number, sampled=True, point=point, outcome=Lost())
            entering.append(Fit(str(number), seed=number, epochs=workload.epochs, values=point))
        asked += len(entering)
        together.fill(entering)
        tick = together.advance()
        for end in tick.ended if tick else ():
            trial = training.pop(end.key)
            if isinstance(end.outcome, Finished):
                trial = replace(trial, outcome=Scored(-end.outcome.value))
            sampler.learn([trial])


CONTESTANTS: dict[str, Contestant] = {
    "typical": _in_a_shared_study,
    "careful": _in_memory,
    "compiled": partial(_lanes, engine="compiled"),
    "eager": partial(_lanes, engine="eager"),
}


def trials_per_second(team: Team, contestant: str, cores: int, workload: Workload, storage: str) -> float:
    """All trials over the time from the first start to the last end; what a process loads first is not in it."""
    share = replace(workload, trials=workload.trials // cores)
    if contestant == "typical":
        # Not by its processes: all of them would make the tables at once.
        for url in (storage, f"{storage}-warm"):
            optuna.create_study(study_name=_SHARED, storage=url, direction="maximize")
    times = team.work(_take_turn, contestant, share, storage)
    return share.trials * cores / (max(end for _, end in times) - min(start for start, _ in times))


def _take_turn(contestant: str, workload: Workload, storage: str) -> tuple[float, float]:
    """When it started and ended, by the machine's monotonic clock."""
    run = CONTESTANTS[contestant]
    run(replace(workload, trials=1, epochs=1), f"{storage}-warm")
    wait_for_all()
    began = time.monotonic()
    run(workload, storage)
    return began, time.monotonic()
