"""The crew: the claimed fits that train together now, and the lanes that train them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from regcore.lanes import Finished, Fit, TickOfLanes
from service.store.claims import ClaimedFit
from service.store.outcomes import FitEnded
from service.store.reports import EpochReport
from worker.reports import epoch_report, fit_cancelled, fit_cut, fit_ended, fit_failed


class TrainingLanes(Protocol):
    """What a crew needs of `regcore.lanes.Lanes`."""

    @property
    def busy(self) -> int: ...

    def fill(self, fits: Sequence[Fit]) -> None: ...

    def advance(self, seconds: float) -> TickOfLanes | None: ...

    def cancel(self, keys: Collection[str]) -> Mapping[str, Finished]: ...


Cuts = Callable[[TickOfLanes, Mapping[str, ClaimedFit]], Mapping[str, str]]
"""Which of the fits that go on after an epoch are cut there, by id, and why."""


def cuts_none(tick: TickOfLanes, going_on: Mapping[str, ClaimedFit]) -> Mapping[str, str]:
    """The cuts of a study without a cross-trial pruner."""
    return {}


@dataclass(frozen=True)
class Epoch:
    """What an epoch of the crew gave to write down."""

    reports: tuple[EpochReport, ...]
    ended: tuple[FitEnded, ...]


class Crew:
    """Fits in lanes. Any method but `enter` may raise whatever a regularizer or an architecture raises."""

    def __init__(
        self, make_lanes: Callable[[], TrainingLanes], fit_for: Callable[[ClaimedFit], Fit], cuts: Cuts = cuts_none
    ) -> None:
        self._make_lanes = make_lanes
        self._fit_for = fit_for
        self._cuts = cuts
        self._lanes: TrainingLanes | None = None
        self._entering: list[tuple[ClaimedFit, Fit]] = []
        self._members: dict[str, ClaimedFit] = {}
        # Fits that begin again, after another crew broke up, repeat epochs that are written already.
        self._reported: dict[str, int] = {}

    @property
    def members(self) -> tuple[ClaimedFit, ...]:
        """Who trains, or enters with the next epoch."""
        return tuple(self._members.values())

    def enter(self, claimed: Sequence[ClaimedFit]) -> tuple[FitEnded, ...]:
        """Lets fits enter with the next epoch, and gives those whose values make no fit: each fails alone."""
        refused = []
        for one in claimed:
            try:
                self._entering.append((one, self._fit_for(one)))
            except Exception as error:
                refused.append(fit_failed(one, error))
            else:
                self._members[one.id] = one
        return tuple(refused)

    def advance(self, seconds: float) -> Epoch | None:
        """Trains for about so many seconds: what an epoch gave, None while it goes on."""
        if self._lanes is None:
            self._lanes = self._make_lanes()
        entering, self._entering = self._entering, []
        self._lanes.fill([fit for _, fit in entering])
        tick = self._lanes.advance(seconds)
        return None if tick is None else self._written(tick, self._lanes)

    def cancel(self, fit_id: str, stop_reason: str) -> FitEnded | None:
        """Ends a fit now: what it is worth so far, None if it had no epoch to show or is not here."""
        claimed = self._members.pop(fit_id, None)
        waiting = [pair for pair in self._entering if pair[0].id == fit_id]
        self._entering = [pair for pair in self._entering if pair[0].id != fit_id]
        if claimed is None or waiting or self._lanes is None:
            return None
        outcome = self._lanes.cancel([fit_id]).get(fit_id)
        return None if outcome is None else fit_cancelled(claimed, outcome, stop_reason)

    def break_up(self) -> tuple[ClaimedFit, ...]:
        """Lets everyone go, unfinished; the next crew trains in new lanes."""
        members = self.members
        self._members.clear()
        self._entering.clear()
        self._lanes = None
        return members

    def _written(self, tick: TickOfLanes, lanes: TrainingLanes) -> Epoch:
        cut = self._cuts(tick, self._to_judge(tick))
        # Before anything is noted, so that a crew that breaks up here has lost neither an epoch nor an end.
        worth = lanes.cancel(cut.keys())
        reports = []
        for epoch in tick.epochs:
            if epoch.epoch > self._reported.get(epoch.key, 0):
                self._reported[epoch.key] = epoch.epoch
                reports.append(epoch_report(self._members[epoch.key], epoch))
        ended = [fit_ended(self._members[end.key], end) for end in tick.ended]
        ended += [fit_cut(self._members[key], outcome, cut[key]) for key, outcome in worth.items()]
        for end in ended:
            self._reported.pop(end.fit_id, None)
            del self._members[end.fit_id]
        return Epoch(tuple(reports), tuple(ended))

    def _to_judge(self, tick: TickOfLanes) -> dict[str, ClaimedFit]:
        """Who goes on; one that is trained again is not judged again at epochs that it has passed."""
        ended = {end.key for end in tick.ended}
        return {
            epoch.key: self._members[epoch.key]
            for epoch in tick.epochs
            if epoch.key not in ended
            and epoch.epoch > max(self._members[epoch.key].epoch, self._reported.get(epoch.key, 0))
        }
