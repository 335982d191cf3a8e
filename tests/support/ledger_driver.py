"""A hand on the ledger of work: makes studies, plays coordinators and workers, and reads what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select, update
from stored_studies import WINE

from regcore.catalog import load
from regtune.setting import setting_digest
from regtune.study import StudyDefinition, parse_study
from service.store.claims import NO_FITS, ClaimedFit, Wanted, claim
from service.store.clock import in_seconds
from service.store.database import Database
from service.store.outcomes import Completed, Failed, FitEnded, StopBy
from service.store.reports import EpochReport
from service.store.runs import Run, open_run
from service.store.studies import NewStudy, create_study
from service.store.suggestions import NewTrial, SuggestLease, acquire_suggest_lease, insert_trials
from service.store.tables import DEFAULT_PROJECT_ID, events, fits, reports, runs, studies, trials
from service.store.ticks import Tick, TickAnswer, record_tick
from service.store.workers import NewWorker, register_worker

LEASE_SECONDS = 60.0
EPOCHS = 20


def definition_of(**document: Any) -> StudyDefinition:
    """A definition on the bundled data set `wine`, with the document's keys."""
    document = {"dataset": WINE.name, "baselines": False, **document}
    return parse_study(document, load(), lambda _: WINE, lambda: [WINE.name]).definition


def new_trial(number: int, *, origin: Any = "sampler", program: str = "one", epochs: int = EPOCHS) -> NewTrial:
    """A trial as the coordinator would insert it."""
    setting = {"dropout.rate": number / 1000}
    return NewTrial(
        number=number,
        origin=origin,
        setting=setting,
        setting_digest=setting_digest(setting),
        program={"name": program},
        program_digest=program,
        epochs=epochs,
    )


class Driver:
    """The ledger of one database, by the names that tests speak in."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def study(self, **document: Any) -> str:
        """The id of a new study."""
        new = NewStudy(DEFAULT_PROJECT_ID, definition_of(**document), WINE.id, WINE.digest, versions={}, meanings={})
        return create_study(self.database, new).row.id

    def lease(self, study_id: str, owner: str = "coordinator") -> SuggestLease:
        """The suggest lease of a study."""
        lease = acquire_suggest_lease(self.database, study_id, owner, LEASE_SECONDS)
        assert lease is not None
        return lease

    def insert(self, study_id: str, new_trials: Iterable[NewTrial]) -> tuple[int, ...]:
        """The numbers of the trials that were inserted."""
        return insert_trials(self.database, study_id, self.lease(study_id).fence, tuple(new_trials))

    def study_with_trials(self, count: int, **document: Any) -> str:
        """The id of a new study that has its first trials, queued; its budget is their count if it names none."""
        budget = {"trials": count, **document.pop("budget", {})}
        study_id = self.study(budget=budget, **document)
        assert len(self.insert(study_id, map(new_trial, range(count)))) == count
        return study_id

    def worker(self) -> str:
        """The id of a new worker."""
        return register_worker(self.database, NewWorker("host", "cpu", 16, {}, {}))

    def open(self, study_id: str, lease_seconds: float = LEASE_SECONDS, worker_id: str | None = None) -> Run:
        """A new run of the worker, a new one if none is named."""
        run = open_run(self.database, study_id, worker_id or self.worker(), lease_seconds)
        assert run is not None
        return run

    def start(self, study_id: str, count: int, worker_id: str | None = None) -> tuple[Run, tuple[ClaimedFit, ...]]:
        """A new run of the worker, a new one if none is named, and the fits that it claimed."""
        run = self.open(study_id, worker_id=worker_id)
        return run, claim(self.database, run, count)

    def tick(
        self,
        run: Run,
        number: int,
        epochs: Sequence[EpochReport] = (),
        ended: Sequence[FitEnded] = (),
        device_seconds: float = 1.0,
        wanted: Wanted = NO_FITS,
    ) -> TickAnswer:
        """The answer to a tick."""
        return record_tick(self.database, run, Tick(number, tuple(epochs), tuple(ended), device_seconds, wanted))

    def expire(self, run: Run) -> None:
        """Lets the run's lease have passed a second ago."""
        with self.database.write() as connection:
            connection.execute(update(runs).where(runs.c.id == run.id).values(lease_until=in_seconds(-1.0)))

    def start_ago(self, study_id: str, seconds: float) -> None:
        """Lets the study have started that long ago."""
        with self.database.write() as connection:
            connection.execute(update(studies).where(studies.c.id == study_id).values(started_at=in_seconds(-seconds)))

    def study_row(self, study_id: str) -> dict[str, Any]:
        """All columns of a study."""
        return self._rows(select(studies).where(studies.c.id == study_id))[0]

    def trials(self, study_id: str) -> list[dict[str, Any]]:
        """All columns of a study's trials, by number."""
        return self._rows(select(trials).where(trials.c.study_id == study_id).order_by(trials.c.number))

    def fits(self, study_id: str) -> list[dict[str, Any]]:
        """All columns of a study's fits, by trial number."""
        return self._rows(select(fits).where(fits.c.study_id == study_id).order_by(fits.c.trial_number))

    def reports(self, study_id: str) -> list[dict[str, Any]]:
        """All columns of a study's reports."""
        query = select(reports).join(fits, fits.c.id == reports.c.fit_id).where(fits.c.study_id == study_id)
        return self._rows(query.order_by(fits.c.trial_number, reports.c.attempt, reports.c.epoch))

    def events(self, study_id: str) -> list[dict[str, Any]]:
        """All columns of a study's events, by id."""
        return self._rows(select(events).where(events.c.study_id == study_id).order_by(events.c.id))

    def states(self, study_id: str) -> list[str]:
        """The states of a study's trials, by number."""
        return [row["state"] for row in self.trials(study_id)]

    def snapshot(self, study_id: str) -> Any:
        """Everything that is stored of a study, to compare."""
        return (
            self.study_row(study_id),
            self.trials(study_id),
            self.fits(study_id),
            self.reports(study_id),
            self.events(study_id),
        )

    def _rows(self, query: Any) -> list[dict[str, Any]]:
        with self.database.read() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]


def report(fit: ClaimedFit, epoch: int, loss: float = 0.5, objective: float = 0.5) -> EpochReport:
    """An epoch of a fit."""
    return EpochReport(fit.id, fit.attempt, epoch, loss, loss, objective, {})


def completed(fit: ClaimedFit, value: float = 0.5, stop_by: StopBy = "epochs", stop_epoch: int = EPOCHS) -> FitEnded:
    """The end of a fit with a value."""
    outcome = Completed(
        value=value,
        value_last=value,
        best_epoch=1,
        stop_by=stop_by,
        stop_epoch=stop_epoch,
        reason="it ended",
        metrics={"accuracy": value},
        gap=0.1,
    )
    return FitEnded(fit.id, fit.attempt, outcome)


def failed(fit: ClaimedFit, epoch: int = 3) -> FitEnded:
    """The end of a fit that diverged."""
    return FitEnded(fit.id, fit.attempt, Failed("diverged", "its loss is not a number", epoch))
