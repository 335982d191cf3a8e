"""Stopping rules as arithmetic on curves: which of K fits end now, each by its own patience.

All take losses `[K, E]`, padded with NaN beyond each fit's own number of epochs, those numbers `[K]`, and each fit's
patience (≥ 1) and least difference (≥ 0), `[K]` or one for all; all return bool `[K]`. A fit without an epoch never
ends, one with a loss that is not a number ends at once.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def rises(losses: Numbers, epochs: Counts, patience: Counts | int, min_delta: Numbers | float = 0.0) -> Bools:
    """Whether each loss has just risen by more than `min_delta` in `patience` epochs in a row.

    E(t) > E(t − 1) > … > E(t − k); an equal loss is no rise and begins the count anew (Prechelt, 1998, UP with strips
    of one epoch, doi:10.1007/3-540-49430-8_3).
    """
    least = np.broadcast_to(min_delta, len(losses))[:, None]
    no_rise = ~(losses[:, 1:] > losses[:, :-1] + least)
    epoch = np.arange(1, losses.shape[1])
    last_without = np.max(np.where(no_rise & (epoch < epochs[:, None]), epoch, 0), axis=1, initial=0)
    in_a_row = epochs - 1 - last_without
    return _enough(in_a_row, patience) | _not_a_number(losses, epochs)


def no_improvement(losses: Numbers, epochs: Counts, patience: Counts | int, min_delta: Numbers | float = 0.0) -> Bools:
    """Whether `patience` epochs have passed since each loss last fell below its best by more than `min_delta`.

    The best is the loss of the last improvement, so that small steps add up to one; the first epoch is an improvement,
    an equal loss is none.
    """
    best = np.full(len(losses), np.inf)
    improved_at = np.zeros(len(losses), dtype=np.int64)
    for epoch, loss in enumerate(losses.T):
        better = loss < best - min_delta
        best = np.where(better, loss, best)
        improved_at = np.where(better, epoch, improved_at)
    return _enough(epochs - 1 - improved_at, patience) | _not_a_number(losses, epochs)


def _enough(count: Counts, patience: Counts | int) -> Bools:
    return np.asarray(count >= patience)


def _not_a_number(losses: Numbers, epochs: Counts) -> Bools:
    within = np.arange(losses.shape[1]) < epochs[:, None]
    return np.asarray(np.any(np.isnan(losses) & within, axis=1))
