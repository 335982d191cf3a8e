"""The sweep: runs of lost workers are taken back, studies without work left end, and a missing worker is said so."""

from __future__ import annotations

import logging

from service.store.database import Database
from service.store.endings import finish_if_done
from service.store.leases import expire_leases
from service.store.studies import set_waiting
from service.store.study_rows import study_definition
from service.store.suggestions import StudyWork
from service.store.workers import list_workers

NO_WORKER = "no worker is running; start one with `regtune worker`"

_log = logging.getLogger(__name__)


def take_back(database: Database) -> None:
    """Takes back every run whose lease has passed; of any number of coordinators, one does so."""
    for run in expire_leases(database):
        _log.warning(
            "worker %s was lost with a run of study %s: %d fits queued again, %d failed, %d cancelled",
            run.worker_id,
            run.study_id,
            len(run.fits.queued),
            len(run.fits.failed),
            len(run.fits.cancelled),
        )


def end_if_done(database: Database, study: StudyWork) -> None:
    """Ends a study whose work is done, and begins the stop of one whose budget is spent."""
    ended = finish_if_done(database, study.id)
    if ended is not None:
        _log.info("study %s is %s: %s", study.id, ended.state, ended.stop_reason)


def say_what_is_missing(database: Database, study: StudyWork, living_seconds: float) -> None:
    """Says on a study with queued fits that there is no worker to train them, and takes it back once there is one."""
    with database.read() as connection:
        said = study_definition(connection, study.id).waiting
        is_missing = study.queued > 0 and not list_workers(connection, living_seconds)
    if is_missing and said is None:
        set_waiting(database, study.id, NO_WORKER)
    elif not is_missing and said == NO_WORKER:
        set_waiting(database, study.id, None)
