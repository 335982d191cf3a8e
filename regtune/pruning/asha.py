"""Asynchronous successive halving: at epochs that grow by a factor, the best share of the trials goes on.

The rungs are `min_epochs` · `reduction_factor`ⁿ. A trial at a rung goes on if its objective there is among the best
⌊n / `reduction_factor`⌋ of the n trials that have reached it, itself included, and of these first ones the best goes
on. Ties go on. Trials never wait for one another: as in Optuna, those that fall behind are cut at once.

Source: Li et al. (2020), "A system for massively parallel hyperparameter tuning", MLSys, arXiv:1810.05934; the rule is
that of Optuna's `SuccessiveHalvingPruner` for `min_resource` = `min_epochs`, with steps that count epochs from 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from regtune.metrics import Direction, better
from regtune.pruning.curves import Bools, Counts, Curves
from regtune.pruning.peers import AtEpochs, Peers
from regtune.pruning.pruner import Pruner
from regtune.pruning.verdicts import Keep, Stop
from regtune.study import AshaPruner


def build(asked: AshaPruner, direction: Direction) -> Pruner:
    """The pruner of a study that asks for this."""
    return Asha(asked, direction)


@dataclass(frozen=True, slots=True)
class Asha(Pruner):
    """Compares trials at rungs.

    A trial that improved at the rung is spared, where the study spares those, until the first epoch that does not
    improve: there it is judged by what it had at the rung. A trial is judged once for each rung.
    """

    asked: AshaPruner
    direction: Direction

    def compares_with(self, most_epochs: int) -> AtEpochs:
        """What every trial had at the rungs."""
        return AtEpochs(tuple(self._rungs(most_epochs)))

    def prune(self, curves: Curves, peers: Peers) -> list[Keep | Stop]:
        """A verdict for each trial; see the base class."""
        rungs = self._last_rungs(curves.epochs)
        verdicts: list[Keep | Stop] = [Keep()] * len(rungs)
        for place in np.flatnonzero(self._judged(curves, rungs)):
            rung = int(rungs[place])
            verdicts[place] = self._verdict(float(curves.objectives[place, rung - 1]), rung, peers.at(rung))
        return verdicts

    def _rungs(self, most_epochs: int) -> list[int]:
        rungs = []
        rung = self.asked.min_epochs
        while rung <= most_epochs:
            rungs.append(rung)
            rung *= self.asked.reduction_factor
        return rungs

    def _last_rungs(self, epochs: Counts) -> Counts:
        """The last rung that each trial has reached, 0 before the first. `[K]`"""
        rungs = np.array([0, *self._rungs(int(epochs.max(initial=0)))], dtype=np.int64)
        return np.asarray(rungs[np.searchsorted(rungs, epochs, side="right") - 1])

    def _judged(self, curves: Curves, rungs: Counts) -> Bools:
        """Which trials are judged at their last epoch. `[K]`"""
        if not self.asked.spare_improving:
            return np.asarray(curves.epochs == rungs)
        improved = curves.improved()
        epochs = np.arange(1, improved.shape[1] + 1)
        since_rung = (epochs >= rungs[:, None]) & (epochs <= curves.epochs[:, None])
        halts = np.count_nonzero(since_rung & ~improved, axis=1)
        return np.asarray((rungs > 0) & (halts == 1) & ~curves.at_last(improved))

    def _verdict(self, value: float, rung: int, values: Sequence[float]) -> Keep | Stop:
        if math.isnan(value):
            return Stop(f"its objective at epoch {rung} is not a number")
        going_on = max(len(values) // self.asked.reduction_factor, 1)
        last = values[-going_on] if self.direction == "maximize" else values[going_on - 1]
        if not better(last, value, self.direction):
            return Keep()
        return Stop(f"at epoch {rung} it was not among the best {going_on} of the {len(values)} trials that reached it")
