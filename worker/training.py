"""The training loop of a run: claim, advance, record, obey, refill, until nothing is left to do."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from regcore.lanes.out_of_memory import is_out_of_memory
from regtune.budget import StopReason
from service.store.claims import ClaimedFit, Wanted
from service.store.outcomes import FitEnded
from service.store.reports import EpochReport
from service.store.ticks import Tick, TickAnswer
from worker.crew import Crew
from worker.reports import fit_failed, fit_given_up
from worker.writer import TickWriter

_log = logging.getLogger(__name__)

CHUNK_SECONDS = 2.0
LINGER_SECONDS = 2.0
# Between claims that may find nothing: a suggestion comes a fraction of a second after the end it waits for.
_CLAIM_PAUSE_SECONDS = 0.1
_SLICE_LOOK_SECONDS = 1.0
_LANES_FOR_ONE_AHEAD = 4
"""Of as many lanes one end an epoch is met by a fit that was claimed before, so that nothing waits for the database."""


class Ledger(Protocol):
    """What the loop needs of a run's rows; all of it raises LeaseLost when the run is not ours any more."""

    def claim(self, count: int) -> tuple[ClaimedFit, ...]: ...

    def record(self, tick: Tick) -> TickAnswer: ...

    def lower_lanes(self, cap: int) -> None: ...

    def give_up_study(self, reason: StopReason, why: str) -> None: ...


@dataclass(frozen=True)
class Terms:
    """On which terms a run trains.

    `lanes` fits at once; after `slice_seconds` it takes no more of them if `others_wait`; it leaves as soon as `leave`
    is set; `check` raises LeaseLost when the lease may have run out.
    """

    lanes: int
    slice_seconds: float
    others_wait: Callable[[], bool]
    leave: threading.Event
    check: Callable[[], None]


class Training:
    """Trains fits of one program until nothing is left, the run must leave, or its slice is over and others wait.

    What has not ended then is still the run's, to be released.
    """

    def __init__(self, ledger: Ledger, crew: Crew, terms: Terms) -> None:
        self._ledger = ledger
        self._crew = crew
        self._terms = terms
        self._writer = TickWriter(ledger.record)
        self._most_lanes = terms.lanes
        self._lanes = terms.lanes
        # Fits claimed ahead, and those of a crew that ran out of memory: they begin again, in smaller crews.
        self._waiting: deque[ClaimedFit] = deque()
        # Groups of which one broke up a crew: each is trained apart, halved until the fit that raises stands alone.
        self._suspects: deque[tuple[ClaimedFit, ...]] = deque()
        self._unsent: list[FitEnded] = []
        self._ticks = 0
        self._device_seconds = 0.0
        self._drained = False
        self._study_stops = False
        self._slice_used = False
        self._claim_again_at = 0.0
        self._look_at_slice_at = time.monotonic() + terms.slice_seconds

    def run(self, first: tuple[ClaimedFit, ...]) -> None:
        """Trains the fits claimed first, and then what can be claimed.

        Raises:
            LeaseLost: the run is not ours any more; whatever was not recorded is void.
        """
        with self._writer:
            fits = first
            while fits:
                self._enter(fits)
                while self._crew.members and not self._leaving():
                    self._step()
                if self._unsent:
                    self._record(())
                self._settle()
                fits = self._next()

    def _step(self) -> None:
        """One chunk of training, and a refill when lanes are free."""
        began = time.monotonic()
        try:
            epoch = self._crew.advance(CHUNK_SECONDS)
        except Exception as error:
            if is_out_of_memory(error):
                self._make_room(error)
            else:
                self._break_up(error)
            return
        self._device_seconds += time.monotonic() - began
        if epoch is None:
            # Nothing to write, but the answer says whether to go on.
            self._record(())
            return
        self._unsent += epoch.ended
        self._record(epoch.reports)
        if self._lacking() and (epoch.ended or time.monotonic() >= self._claim_again_at):
            # The tick claims them. Where enough was claimed ahead, it is written while the next epoch trains.
            self._settle()
            self._claim_again_at = time.monotonic() + _CLAIM_PAUSE_SECONDS
        self._refill()

    def _enter(self, fits: tuple[ClaimedFit, ...]) -> None:
        self._unsent += self._crew.enter(fits)

    def _refill(self) -> None:
        if self._free() > 0 and not self._takes_no_more():
            self._enter(self._first_waiting(self._free()))

    def _free(self) -> int:
        """Lanes for which fits may be had: none while groups are tried apart."""
        return 0 if self._suspects else self._lanes - len(self._crew.members)

    def _lacking(self) -> int:
        """How many free lanes there are for which no fit waits."""
        return 0 if self._takes_no_more() else max(0, self._free() - len(self._waiting))

    def _wanted(self) -> Wanted:
        """The fits that the next tick is to claim; a study that stops has only those that others gave back."""
        if self._suspects or self._takes_no_more():
            return Wanted()
        waiting = max(0, len(self._waiting) - max(0, self._free()))
        ahead = 0 if self._study_stops else -(-self._lanes // _LANES_FOR_ONE_AHEAD)
        return Wanted(self._lacking(), max(0, ahead - waiting))

    def _next(self) -> tuple[ClaimedFit, ...]:
        """The fits for the next crew; none when the run is over. Lingers for those that are about to be queued."""
        if self._suspects and not self._leaving():
            return self._suspects.popleft()
        if self._waiting and not self._takes_no_more():
            return self._first_waiting(self._lanes)
        deadline = time.monotonic() + LINGER_SECONDS
        while not self._takes_no_more():
            fits = self._ledger.claim(self._lanes)
            # A study that stops gets no new trials; what other workers gave back may still be claimed.
            if fits or self._study_stops or time.monotonic() > deadline:
                return fits
            self._terms.leave.wait(_CLAIM_PAUSE_SECONDS)
            self._terms.check()
        return ()

    def _first_waiting(self, count: int) -> tuple[ClaimedFit, ...]:
        return tuple(self._waiting.popleft() for _ in range(min(count, len(self._waiting))))

    def _make_room(self, error: Exception) -> None:
        """Lets the fits begin again, half as many at once from now on; one that has no room alone ends the study."""
        fits = self._crew.break_up()
        if len(fits) == 1:
            why = f"one fit alone ran out of memory: {error}"
            _log.error(why)
            self._terms.check()
            # First the study, so that this is its reason, and not the failures that follow from it.
            self._ledger.give_up_study("does_not_fit", why)
            self._unsent.append(fit_given_up(fits[0], "does_not_fit", why))
            return
        self._most_lanes = self._lanes = min(self._most_lanes, len(fits) // 2)
        _log.warning("%d fits ran out of memory: from now on %d at once: %s", len(fits), self._most_lanes, error)
        self._ledger.lower_lanes(self._most_lanes)
        self._waiting.extendleft(reversed(fits))

    def _break_up(self, error: Exception) -> None:
        """Finds, by halving, the fit that raised; it alone fails."""
        fits = self._crew.break_up()
        if len(fits) == 1:
            self._unsent.append(fit_failed(fits[0], error))
            self._lanes = self._most_lanes
            return
        _log.warning("%d fits raised %r together: trying them in halves", len(fits), error)
        self._lanes = (len(fits) + 1) // 2
        self._suspects.extendleft((fits[self._lanes :], fits[: self._lanes]))

    def _record(self, reports: tuple[EpochReport, ...]) -> None:
        self._terms.check()
        # First what the tick before brought, so that nothing is wanted twice.
        self._settle()
        self._ticks += 1
        tick = Tick(self._ticks, reports, tuple(self._unsent), self._device_seconds, self._wanted())
        self._unsent.clear()
        self._device_seconds = 0.0
        self._writer.send(tick)

    def _settle(self) -> None:
        self._obey(self._writer.settle())

    def _obey(self, answer: TickAnswer | None) -> None:
        if answer is None:
            return
        self._drained |= answer.drain
        self._study_stops |= answer.stop_reason is not None
        waiting = (*self._waiting, *answer.claimed)
        self._waiting = deque(fit for fit in waiting if fit.id not in answer.cancel)
        for fit_id in answer.cancel:
            ended = self._crew.cancel(fit_id, answer.stop_reason or "user")
            if ended is not None:
                self._unsent.append(ended)

    def _leaving(self) -> bool:
        return self._drained or self._terms.leave.is_set()

    def _takes_no_more(self) -> bool:
        return self._leaving() or self._slice_is_over()

    def _slice_is_over(self) -> bool:
        now = time.monotonic()
        if not self._slice_used and now >= self._look_at_slice_at:
            self._slice_used = self._terms.others_wait()
            self._look_at_slice_at = now + _SLICE_LOOK_SECONDS
        return self._slice_used
