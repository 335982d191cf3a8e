"""Stopping rules as arithmetic on curves: which of K fits end now, each by its own limits.

All take losses `[K, E]` ≥ 0, padded with NaN beyond each fit's own number of epochs, those numbers `[K]`, and each
fit's limits, `[K]` or one for all: a patience (≥ 1) and a least difference (≥ 0), or a threshold (≥ 0) and the length
of a strip of epochs (≥ 2). All return bool `[K]`. A fit without an epoch never ends, one with a loss that is not a
number ends at once.
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


def generalization_loss(losses: Numbers, epochs: Counts, threshold: Numbers | float) -> Bools:
    """Whether each loss lies more than `threshold` percent above its lowest so far.

    GL(t) = 100 · (E(t) / min E(1 … t) − 1) > α (Prechelt, 1998, doi:10.1007/3-540-49430-8_3).
    """
    now, lowest = _now_and_lowest(losses, epochs)
    with np.errstate(invalid="ignore"):  # of what is infinite
        too_far = 100 * (now - lowest) > threshold * lowest
    return np.asarray(too_far | _not_a_number(losses, epochs))


def progress_quotient(
    losses: Numbers, train_losses: Numbers, epochs: Counts, threshold: Numbers | float, strip: Counts | int = 5
) -> Bools:
    """Whether each loss has risen too far for what its fit still learns, asked at the end of every strip of epochs.

    GL(t) / P(t) > α with the progress P(t) = 1000 · (Σ E_train / (k · min E_train) − 1) over the last k epochs: by how
    many thousandths the training loss is on average above its lowest there. Source: as above. A fit whose training
    loss stands still ends with any rise.
    """
    now, lowest = _now_and_lowest(losses, epochs)
    epoch = np.arange(train_losses.shape[1])
    in_strip = (epoch < epochs[:, None]) & (epoch >= (epochs - strip)[:, None])
    total = np.sum(train_losses, axis=1, where=in_strip)
    least = strip * np.min(train_losses, axis=1, where=in_strip, initial=np.inf)
    with np.errstate(invalid="ignore", over="ignore"):  # of what is infinite
        # Multiplied out, so that losses of zero need no cases of their own.
        too_far = 100 * (now - lowest) * least > threshold * 1000 * (total - least) * lowest
    at_end = (epochs > 0) & (epochs % strip == 0)
    not_a_number = _not_a_number(losses, epochs) | _not_a_number(train_losses, epochs)
    return np.asarray((too_far & at_end) | not_a_number)


def _now_and_lowest(losses: Numbers, epochs: Counts) -> tuple[Numbers, Numbers]:
    """The loss of each fit's last epoch and its lowest, `[K]`; infinite where there is no epoch."""
    within = np.arange(losses.shape[1]) < epochs[:, None]
    is_last = np.arange(losses.shape[1]) == (epochs - 1)[:, None]
    return (
        np.min(losses, axis=1, where=is_last, initial=np.inf),
        np.min(losses, axis=1, where=within, initial=np.inf),
    )


def _enough(count: Counts, patience: Counts | int) -> Bools:
    return np.asarray(count >= patience)


def _not_a_number(losses: Numbers, epochs: Counts) -> Bools:
    within = np.arange(losses.shape[1]) < epochs[:, None]
    return np.asarray(np.any(np.isnan(losses) & within, axis=1))
