"""The sweep: runs of lost workers are taken back, studies without work left end, and a missing worker is said so."""

from __future__ import annotations

import logging

from service.store.database import Database
from service.store.endings import finish_if_done
from service.store.leases import expire_leases
from service.store.studies import set_waiting
from service.store.study_rows import study_definition
from service.store.suggestions import StudyWork
from service.store.workers import idle_workers, list_workers

NO_WORKER = "no worker is running; start one with `regtune worker`"
ALL_BUSY = "all workers train other studies"

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


def say_why_it_waits(database: Database, study: StudyWork, living_seconds: float) -> None:
    """Says on a study of which nothing runs that no worker lives, or that all are busy; takes it back when it passed.

    What a worker said, that it cannot train the study, stays.
    """
    with database.read() as connection:
        said = study_definition(connection, study.id).waiting
        lives = bool(list_workers(connection, living_seconds))
    reason = None
    if study.queued > 0 and not lives:
        reason = NO_WORKER
    elif study.queued > 0 and study.running == 0 and not idle_workers(database, living_seconds):
        reason = ALL_BUSY
    if said in (None, NO_WORKER, ALL_BUSY) and said != reason:
        set_waiting(database, study.id, reason)
