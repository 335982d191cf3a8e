"""The study's cross-trial pruner at work in a process: after each epoch of a crew, which of its fits are cut there."""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol

from regcore.lanes import EpochOfLane, Finished, TickOfLanes
from regtune.pruning import Stop
from regtune.pruning.curves import Curves
from regtune.pruning.peers import AtEpochs, Comparison, Peers
from regtune.pruning.pruner import Pruner
from service.store.claims import ClaimedFit
from service.store.peers import PeerNews, PeerReport

READ_PAUSE_SECONDS = 1.0
"""How long a process goes on with what it knows of other processes' trials. Pruners of this kind never wait for any."""


class PeersInStore(Protocol):
    """Where the reports of all of a study's trials are read."""

    def peer_news(self, comparison: Comparison, since: int) -> PeerNews: ...


@dataclass
class _Curve:
    """One fit's epochs so far."""

    objectives: array[float] = field(default_factory=lambda: array("d"))
    validation_losses: array[float] = field(default_factory=lambda: array("d"))

    def add(self, epoch: EpochOfLane) -> None:
        self.objectives.append(epoch.objective)
        self.validation_losses.append(epoch.validation_loss)


class Pruning:
    """What a process knows of a study's trials, its own at once and the others' read on from time to time.

    It outlives runs, so that none begins by reading the whole study. `read_on` may be called by another thread.
    """

    def __init__(self, pruner: Pruner, most_epochs: int) -> None:
        self._pruner = pruner
        self._comparison = pruner.compares_with(most_epochs)
        self._peers = Peers()
        self._lock = Lock()
        self._curves: dict[str, _Curve] = {}
        self._version = 0
        self._read_again_at = 0.0

    def read_on(self, store: PeersInStore) -> None:
        """Takes in what is new in the store, unless it has just done so."""
        if time.monotonic() < self._read_again_at:
            return
        news = store.peer_news(self._comparison, self._version)
        self._take(news.reports)
        self._version = news.version
        self._read_again_at = time.monotonic() + READ_PAUSE_SECONDS

    def cuts(self, tick: TickOfLanes, going_on: Mapping[str, ClaimedFit]) -> dict[str, str]:
        """The fits that the pruner cuts, by id, with its reasons; baselines and enqueued trials are never cut."""
        self._note(tick)
        judged = [fit_id for fit_id, claimed in going_on.items() if claimed.origin == "sampler"]
        if not judged:
            return {}
        curves = Curves.of(
            [self._curves[fit_id].objectives for fit_id in judged],
            [self._curves[fit_id].validation_losses for fit_id in judged],
        )
        with self._lock:
            verdicts = self._pruner.prune(curves, self._peers)
        return {
            fit_id: verdict.reason
            for fit_id, verdict in zip(judged, verdicts, strict=True)
            if isinstance(verdict, Stop)
        }

    def _note(self, tick: TickOfLanes) -> None:
        before, self._curves = self._curves, {}
        for epoch in tick.epochs:
            # One that is trained again begins a new curve.
            curve = _Curve() if epoch.epoch == 1 else before[epoch.key]
            curve.add(epoch)
            self._curves[epoch.key] = curve
        self._take(tuple(self._to_compare(tick)))

    def _to_compare(self, tick: TickOfLanes) -> Iterator[PeerReport]:
        if isinstance(self._comparison, AtEpochs):
            for epoch in tick.epochs:
                if epoch.epoch in self._comparison.epochs:
                    yield PeerReport(epoch.key, epoch.epoch, epoch.objective)
            return
        for end in tick.ended:
            if isinstance(end.outcome, Finished):
                for number, objective in enumerate(self._curves[end.key].objectives, start=1):
                    yield PeerReport(end.key, number, objective)

    def _take(self, reports: tuple[PeerReport, ...]) -> None:
        with self._lock:
            for report in reports:
                self._peers.add(report.fit_id, report.epoch, report.objective)
