"""Peers: what a study's trials have reported, epoch by epoch, for one of them to be compared with."""

from __future__ import annotations

import math
from array import array
from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AtEpochs:
    """A pruner compares what all trials had at these epochs: those that train, ended or were cut, itself among them."""

    epochs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OfCompleted:
    """A pruner compares with the whole curves of the trials that have completed."""


Comparison = AtEpochs | OfCompleted
"""Which objectives belong into a pruner's peers."""


class Peers:
    """Objectives by epoch, sorted, so that a rank or a median is looked up and not computed at each epoch of a lane.

    They grow as they are told, in any order of trials, each trial's epochs in their own. An epoch that was told already
    changes nothing: a fit that is trained again repeats its curve.
    """

    def __init__(self) -> None:
        self._values: dict[int, array[float]] = {}
        self._told: dict[str, int] = {}

    @property
    def trials(self) -> int:
        """How many trials have told anything."""
        return len(self._told)

    def add(self, trial: str, epoch: int, objective: float) -> None:
        """Take in one epoch of a trial; a value that is not a number counts for the trial, and for no comparison."""
        if epoch <= self._told.get(trial, 0):
            return
        self._told[trial] = epoch
        if not math.isnan(objective):
            insort(self._values.setdefault(epoch, array("d")), objective)

    def at(self, epoch: int) -> Sequence[float]:
        """The objectives of the trials that told this epoch, rising."""
        return self._values.get(epoch, ())
