"""The ledger of one run: its rows in the database, behind the few calls that a run makes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError

from regtune.budget import StopReason
from regtune.pruning.peers import Comparison
from service.store.claims import ClaimedFit, Engine, ProgramRow, claim, others_wait, program_of_run
from service.store.database import Database
from service.store.endings import stop_study
from service.store.errors import StudyEnded
from service.store.lane_caps import lower_lane_cap
from service.store.peers import PeerNews, peer_news
from service.store.programs import bind_engine
from service.store.runs import Run, drains
from service.store.ticks import Tick, TickAnswer, record_tick
from worker.pruning import Pruning

_log = logging.getLogger(__name__)

_PAUSE_SECONDS = 0.5
Result = TypeVar("Result")


class RunLedger:
    """A run's rows. A database that is away for a moment is waited for, as long as the lease may still be ours."""

    def __init__(self, database: Database, run: Run, check: Callable[[], None], patience_seconds: float) -> None:
        """`check` raises when the lease may have run out; after `patience_seconds` an error is raised as it is."""
        self._database = database
        self._run = run
        self._check = check
        self._patience_seconds = patience_seconds

    def claim(self, count: int) -> tuple[ClaimedFit, ...]:
        """At most `count` queued fits, which are the run's from now on."""
        return self._patiently(lambda: claim(self._database, self._run, count))

    def record(self, tick: Tick) -> TickAnswer:
        """Writes a tick; one that was written although the answer was lost is not written twice."""
        return self._patiently(lambda: record_tick(self._database, self._run, tick))

    def program(self) -> ProgramRow:
        """What the run's lanes share; known once something is claimed."""
        return self._patiently(lambda: program_of_run(self._database, self._run))

    def drains(self) -> bool:
        """Whether the run is to leave."""
        return self._patiently(lambda: drains(self._database, self._run))

    def bind(self, engine: Engine, reason: str, warning: str | None) -> Engine:
        """Binds the run's program to an engine, if no other worker has; gives the one to which it is bound."""
        return self._patiently(lambda: bind_engine(self._database, self._run, engine, reason, warning))

    def peer_news(self, comparison: Comparison, since: int) -> PeerNews:
        """What a pruner compares with, of the study's trials that train or have changed after a version."""
        return self._patiently(lambda: peer_news(self._database, self._run.study_id, comparison, since))

    def others_wait(self) -> bool:
        """Whether another study, or another program of this one, has fits that a worker could take."""
        return others_wait(self._database, self._run)

    def lower_lanes(self, cap: int) -> None:
        """Notes that this worker can hold `cap` lanes of the program, and not as many as it tried."""
        self._patiently(lambda: lower_lane_cap(self._database, self._run, cap))

    def give_up_study(self, reason: StopReason, why: str) -> None:
        """Ends the study: no fit of it can be trained, and `why` says so to its user."""
        try:
            self._patiently(lambda: stop_study(self._database, self._run.study_id, "now", reason, why))
        except StudyEnded:
            _log.info("study %s has ended already", self._run.study_id)

    def _patiently(self, call: Callable[[], Result]) -> Result:
        deadline = time.monotonic() + self._patience_seconds
        is_first = True
        while True:
            try:
                return call()
            except (OperationalError, InterfaceError) as error:
                self._check()
                if time.monotonic() > deadline:
                    raise
                if is_first:
                    _log.warning("the database is away, waiting for it: %s", error.orig)
            is_first = False
            time.sleep(_PAUSE_SECONDS)


class PeerReadingLedger(RunLedger):
    """The ledger of a run whose study cuts trials: beside each tick that it writes, it reads what the others reported.

    Both are done while the next epoch trains.
    """

    def __init__(
        self, database: Database, run: Run, check: Callable[[], None], patience_seconds: float, pruning: Pruning
    ) -> None:
        super().__init__(database, run, check, patience_seconds)
        self._pruning = pruning

    def record(self, tick: Tick) -> TickAnswer:
        """Writes a tick, and reads on."""
        answer = super().record(tick)
        self._pruning.read_on(self)
        return answer
