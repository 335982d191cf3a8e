"""Curves of trials that train together, as a cross-trial pruner reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Curves:
    """What K trials reported so far: objectives and validation losses `[K, E]`, and how many epochs each has `[K]`.

    Both are NaN beyond a trial's own epochs, of which there is one at least.
    """

    objectives: Numbers
    validation_losses: Numbers
    epochs: Counts

    @classmethod
    def of(cls, objectives: Sequence[Sequence[float]], validation_losses: Sequence[Sequence[float]]) -> Self:
        """The curves from one sequence for each trial, from its first epoch to its last."""
        epochs = np.array([len(curve) for curve in objectives], dtype=np.int64)
        return cls(_padded(objectives, epochs), _padded(validation_losses, epochs), epochs)

    def improved(self) -> Bools:
        """Whether each epoch is its trial's best so far, that of the lowest validation loss. `[K, E]`

        An equal loss is no improvement; the first epoch is one, unless its loss is not a finite number.
        """
        losses = np.where(np.isnan(self.validation_losses), np.inf, self.validation_losses)
        lowest = np.minimum.accumulate(losses, axis=1)
        before = np.concatenate([np.full((len(lowest), 1), np.inf), lowest[:, :-1]], axis=1)
        return np.asarray(losses < before)

    def at_last(self, columns: Bools) -> Bools:
        """Of something known of each epoch, `[K, E]`, what is so at the last epoch of each trial. `[K]`"""
        return np.asarray(columns[np.arange(len(self.epochs)), self.epochs - 1])


def _padded(curves: Sequence[Sequence[float]], epochs: Counts) -> Numbers:
    padded = np.full((len(curves), int(epochs.max(initial=0))), np.nan)
    for row, curve in zip(padded, curves, strict=True):
        row[: len(curve)] = curve
    return padded
