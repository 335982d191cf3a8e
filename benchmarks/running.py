"""A run in a real database: a study, its trials, a worker, and the fits that the worker's run has claimed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.definitions import parsed
from regtune.setting import setting_digest
from regtune.space import program_digest, program_of
from service.store.claims import ClaimedFit, claim
from service.store.database import Database
from service.store.reports import EpochReport
from service.store.runs import Run, open_run
from service.store.studies import NewStudy, create_study
from service.store.suggestions import NewTrial, acquire_suggest_lease, insert_trials
from service.store.tables import DEFAULT_PROJECT_ID
from service.store.ticks import Tick
from service.store.workers import NewWorker, register_worker

_LEASE_SECONDS = 3600.0
_METRICS = {"accuracy": 0.9444444179534912, "balanced_accuracy": 0.9437500238418579, "log_loss": 0.2134871929883957}
_EPOCHS = 10_000


@dataclass(frozen=True)
class Running:
    """A run and its fits, one a lane."""

    run: Run
    fits: tuple[ClaimedFit, ...]

    def ticks(self, count: int) -> list[Tick]:
        """The run's first ticks, one epoch of every fit in each."""
        return [Tick(number, self._reports(number), (), 0.01) for number in range(1, count + 1)]

    def _reports(self, epoch: int) -> tuple[EpochReport, ...]:
        # Losses that no two reports share: real ones are no rounder.
        return tuple(
            EpochReport(
                fit.id, fit.attempt, epoch, 1 / (epoch + lane / 997), 1 / (epoch + lane / 991), 0.94375, _METRICS
            )
            for lane, fit in enumerate(self.fits)
        )


def start_run(database: Database, lanes: int) -> Running:
    """A new study with as many trials as lanes, all of them claimed by one run.

    Raises:
        RuntimeError: the database gave fewer.
    """
    study_id = _study(database, lanes)
    worker = register_worker(database, NewWorker("benchmark", "cpu", lanes, {}, {}))
    run = open_run(database, study_id, worker, _LEASE_SECONDS)
    fits: Sequence[ClaimedFit] = () if run is None else claim(database, run, lanes)
    if run is None or len(fits) != lanes:
        raise RuntimeError(f"a run of {lanes} lanes claimed {len(fits)} fits")
    return Running(run, tuple(fits))


def _study(database: Database, trials: int) -> str:
    study = parsed({"dataset": "digits-table", "training": {"epochs": _EPOCHS}, "budget": {"trials": 10 * trials}})
    definition, facts = study.definition, study.dataset
    new = NewStudy(DEFAULT_PROJECT_ID, definition, facts.id, facts.digest, versions={}, meanings={})
    study_id = create_study(database, new).row.id
    lease = acquire_suggest_lease(database, study_id, "benchmark", _LEASE_SECONDS)
    if lease is None:
        raise RuntimeError("somebody else suggests for a study that was made just now")
    settings = [{"dropout.rate": (1 + number) / (2 + trials)} for number in range(trials)]
    insert_trials(
        database,
        study_id,
        lease.fence,
        [
            NewTrial(
                number=number,
                origin="sampler",
                setting=setting,
                setting_digest=setting_digest(setting),
                program=program_of(definition, setting),
                program_digest=program_digest(definition, setting),
                epochs=_EPOCHS,
            )
            for number, setting in enumerate(settings)
        ],
    )
    return study_id
