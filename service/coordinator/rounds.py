"""The rounds of a coordinator: look at the studies, suggest, wake workers, and now and then sweep."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from threading import Event

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from service.coordinator.dispatch import Dispatcher, Waiting
from service.coordinator.suggesting import Suggesting
from service.coordinator.sweep import end_if_done, say_why_it_waits, take_back
from service.store.database import Database
from service.store.endings import stop_study
from service.store.errors import NotThere, StudyEnded
from service.store.suggestions import StudyWork, studies_needing_work
from service.store.workers import idle_workers

ROUND_SECONDS = 0.2
MOST_ERRORS = 3
"""A study whose work fails this many times in a row is given up."""

LIVING_SECONDS = 20.0
"""A worker that was not seen for this long counts as gone; it says that it is there every 5 s."""

_TROUBLE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 5.0

_log = logging.getLogger(__name__)


class Rounds:
    """What a coordinator does over and over; it holds nothing that another could not have from the database."""

    def __init__(
        self, database: Database, suggesting: Suggesting, dispatcher: Dispatcher | None, sweep_seconds: float
    ) -> None:
        """`dispatcher` is None where workers poll the database."""
        self._database = database
        self._suggesting = suggesting
        self._dispatcher = dispatcher
        self._sweep_seconds = sweep_seconds
        self._swept_at_seconds = float("-inf")
        self._troubles: dict[str, _Trouble] = {}

    def run(self, stop: Event) -> None:
        """Goes round until `stop` is set, also while the database is away; then gives up its leases."""
        pause_seconds = ROUND_SECONDS
        while not stop.wait(pause_seconds):
            try:
                self.once(stop)
            except Exception as error:
                if pause_seconds == ROUND_SECONDS:
                    _log_trouble(error)
                pause_seconds = min(2 * pause_seconds, _LONGEST_PAUSE_SECONDS)
            else:
                if pause_seconds > ROUND_SECONDS:
                    _log.info("all is well again")
                pause_seconds = ROUND_SECONDS
        try:
            self._suggesting.give_up_leases()
        except DBAPIError as error:
            _log.warning("the suggest leases could not be given up and will run out: %s", error)

    def once(self, stop: Event) -> None:
        """One round over all studies, the highest priority first.

        Raises:
            DBAPIError: the database is away, or its schema is not this version's.
        """
        studies = studies_needing_work(self._database)
        study_ids = {study.id for study in studies}
        self._suggesting.keep_only(study_ids)
        self._troubles = {study_id: trouble for study_id, trouble in self._troubles.items() if study_id in study_ids}
        sweeps = time.monotonic() >= self._swept_at_seconds + self._sweep_seconds
        if sweeps:
            self._swept_at_seconds = time.monotonic()
            take_back(self._database)
        waiting: list[Waiting] = []
        for study in studies:
            if stop.is_set():
                return
            inserted = self._attend(study, sweeps, stop)
            if study.queued + inserted > 0:
                waiting.append(Waiting(study.id, study.queued + inserted))
        if self._dispatcher is not None and waiting:
            idle = idle_workers(self._database, LIVING_SECONDS)
            self._dispatcher.dispatch(waiting, frozenset(worker.id for worker in idle))

    def _attend(self, study: StudyWork, sweeps: bool, stop: Event) -> int:
        """Does what one study needs, and gives how many trials were queued; its errors do not reach the others."""
        trouble = self._troubles.get(study.id)
        if trouble is not None and time.monotonic() < trouble.until_seconds:
            return 0
        try:
            if sweeps:
                end_if_done(self._database, study)
                say_why_it_waits(self._database, study, LIVING_SECONDS)
            inserted = self._suggesting.suggest(study, stop)
        except (OperationalError, InterfaceError):
            raise
        except (NotThere, StudyEnded):
            self._suggesting.forget(study.id)
            return 0
        except Exception:
            _log.exception("study %s could not be attended to", study.id)
            self._suggesting.forget(study.id)
            self._note_trouble(study, 1 if trouble is None else trouble.times + 1)
            return 0
        self._troubles.pop(study.id, None)
        return inserted

    def _note_trouble(self, study: StudyWork, times: int) -> None:
        self._troubles[study.id] = _Trouble(times, time.monotonic() + times * _TROUBLE_SECONDS)
        if times >= MOST_ERRORS:
            _log.error("study %s is given up after %d errors in a row", study.id, times)
            with suppress(NotThere, StudyEnded):
                stop_study(self._database, study.id, "now", "internal")


@dataclass(frozen=True, slots=True)
class _Trouble:
    """How many times in a row a study's work failed, and until when (monotonic) it is left alone."""

    times: int
    until_seconds: float


def _log_trouble(error: Exception) -> None:
    if isinstance(error, DBAPIError):
        _log.warning("the database cannot be used; trying again until it can: %s", error.orig)
    else:
        _log.error("a round failed; trying again", exc_info=error)
