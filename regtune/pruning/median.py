"""The median rule: a trial goes on while its best is no worse than the median of the completed ones at that epoch.

Its best is that of its objectives so far. Nothing is cut before `startup_trials` trials have completed, nor before a
trial has trained `warmup_epochs`; from there on it is looked at every `interval_epochs`. Epochs that a completed trial
did not reach do not count in the median.

Source: Golovin et al. (2017), "Google Vizier", KDD, doi:10.1145/3097983.3098043, section 3.2.2; the rule is that of
Optuna's `MedianPruner`, with steps that count epochs from 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from regtune.metrics import Direction, better
from regtune.pruning.curves import Bools, Curves
from regtune.pruning.peers import OfCompleted, Peers
from regtune.pruning.pruner import Pruner
from regtune.pruning.verdicts import Keep, Stop
from regtune.study import MedianPruner


def build(asked: MedianPruner, direction: Direction) -> Pruner:
    """The pruner of a study that asks for this."""
    return Median(asked, direction)


@dataclass(frozen=True, slots=True)
class Median(Pruner):
    """Compares trials with those that completed.

    A trial that improves at an epoch is not judged there, where the study spares those.
    """

    asked: MedianPruner
    direction: Direction

    def compares_with(self, most_epochs: int) -> OfCompleted:
        """The curves of completed trials."""
        return OfCompleted()

    def prune(self, curves: Curves, peers: Peers) -> list[Keep | Stop]:
        """A verdict for each trial; see the base class."""
        verdicts: list[Keep | Stop] = [Keep()] * len(curves.epochs)
        if peers.trials < max(self.asked.startup_trials, 1):
            return verdicts
        best_of = np.fmax if self.direction == "maximize" else np.fmin
        bests = best_of.reduce(curves.objectives, axis=1)
        for place in np.flatnonzero(self._judged(curves)):
            verdicts[place] = self._verdict(float(bests[place]), int(curves.epochs[place]), peers)
        return verdicts

    def _judged(self, curves: Curves) -> Bools:
        """Which trials are judged at their last epoch. `[K]`"""
        after_warmup = curves.epochs - self.asked.warmup_epochs
        # With no warm-up the first look falls before the first epoch, and is taken at it.
        is_due = (after_warmup % self.asked.interval_epochs == 0) | (curves.epochs == 1)
        judged = (after_warmup >= 0) & is_due
        return np.asarray(judged & ~curves.at_last(curves.improved())) if self.asked.spare_improving else judged

    def _verdict(self, best: float, epoch: int, peers: Peers) -> Keep | Stop:
        if math.isnan(best):
            return Stop("none of its objectives is a number")
        values = peers.at(epoch)
        # Where nobody completed the epoch, or the median is not a number, nothing is better than it.
        median = _median(values) if values else math.nan
        if not better(median, best, self.direction):
            return Keep()
        return Stop(
            f"its best in {epoch} epochs, {best:.6g}, is worse than {median:.6g}, the median of the {len(values)} "
            "completed trials there"
        )


def _median(rising: Sequence[float]) -> float:
    low, high = rising[(len(rising) - 1) // 2], rising[len(rising) // 2]
    # As numpy interpolates, so that a tie with Optuna's median is one here.
    return high - (high - low) * 0.5
