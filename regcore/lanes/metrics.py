"""Metrics of K lanes: what rows add up to under each lane, and the scores that follow from the sums.

One lane's rows are added up where they are evaluated, so that chunks of rows come to the same as all rows at once and
only the sums leave the device. A metric that ranks rows needs the logits of all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from regcore.lanes.ops import soft_cross_entropy, squared_error

Numbers = npt.NDArray[np.float64]
Tally = Mapping[str, Tensor]
"""Sums over rows of one lane, by name."""

Sums = Mapping[str, Numbers]
"""The same over all rows and for K lanes, `[K]` or `[K, C]`."""

Metric = Callable[[Sums], Numbers]


def tally_of_classes(logits: Tensor, targets: Tensor) -> Tally:
    """What rows with logits `[N, C]` and targets `[N, C]` (one-hot) add up to.

    "loss" `[]` is the data loss in nats; "hits", "predicted" and "rows" `[C]` count the rows of each class that were
    found, those taken for it, and those that are of it.
    """
    found = torch.arange(logits.shape[-1], device=logits.device) == logits.argmax(-1, keepdim=True)
    return {
        "loss": soft_cross_entropy(logits, targets).sum(),
        "hits": torch.where(found, targets, torch.zeros_like(targets)).sum(0),
        "predicted": found.to(targets.dtype).sum(0),
        "rows": targets.sum(0),
    }


def tally_of_errors(outputs: Tensor, targets: Tensor) -> Tally:
    """What rows of a regression with outputs and standardized targets `[N, 1]` add up to, `[]` each.

    "loss" is the data loss; "squares" and "sizes" are those of the errors, "targets" and "target_squares" the targets'
    own; "rows" is their number. The target's mean is left out: no metric depends on it.
    """
    errors, wanted = (outputs - targets).double(), targets.double()
    return {
        "loss": squared_error(outputs, targets).sum(),
        "squares": errors.square().sum(),
        "sizes": errors.abs().sum(),
        "targets": wanted.sum(),
        "target_squares": wanted.square().sum(),
        "rows": torch.ones_like(wanted).sum(),
    }


def loss(sums: Sums) -> Numbers:
    """The mean data loss of a row, `[K]`."""
    return sums["loss"] / _rows(sums)


def accuracy(sums: Sums) -> Numbers:
    """The share of rows whose largest logit is their class's, `[K]` in [0, 1]."""
    return np.asarray(sums["hits"].sum(-1) / _rows(sums))


def balanced_accuracy(sums: Sums) -> Numbers:
    """The mean over the classes that occur of the share of their rows found, `[K]` in [0, 1]."""
    present = sums["rows"][0] > 0
    return np.asarray((sums["hits"][:, present] / sums["rows"][:, present]).mean(-1))


def f1_macro(sums: Sums) -> Numbers:
    """The mean over classes of 2·hits / (predicted + occurring), `[K]` in [0, 1]; classes in neither are left out."""
    seen = sums["predicted"] + sums["rows"]
    score = 2.0 * sums["hits"] / np.maximum(seen, 1)
    return np.asarray(score.sum(-1) / (seen > 0).sum(-1))


def rmse(sums: Sums) -> Numbers:
    """The root of the mean squared error, `[K]` in standard deviations of the target."""
    return np.sqrt(sums["squares"] / sums["rows"])


def mae(sums: Sums) -> Numbers:
    """The mean absolute error, `[K]` in standard deviations of the target."""
    return sums["sizes"] / sums["rows"]


def r2(sums: Sums) -> Numbers:
    """The share of the target's variance that is explained, `[K]`, at most 1; 0 where the target does not vary."""
    variance = sums["target_squares"] / sums["rows"] - (sums["targets"] / sums["rows"]) ** 2
    varies = variance > 1e-12 * sums["target_squares"] / sums["rows"]
    unexplained = sums["squares"] / sums["rows"] / np.where(varies, variance, 1.0)
    return np.where(varies, 1.0 - unexplained, 0.0)


def auroc(logits: Tensor, targets: Tensor) -> Tensor:
    """The area under the ROC curve of logits `[K, N, C]` on targets `[N, C]` (one-hot), `[K]`.

    One class against the rest, averaged over the classes that can be ranked; ties count half (Mann and Whitney, 1947).
    With two classes both sides are the same number.
    """
    scores, places = logits.softmax(-1).transpose(1, 2).sort(-1)
    of_class = targets.T.to(scores.dtype).expand_as(scores).gather(-1, places)
    positives = targets.sum(0)
    negatives = targets.shape[0] - positives
    rankable = (positives > 0) & (negatives > 0)
    rank_sums = (_mean_ranks(scores) * of_class).sum(-1)
    areas = (rank_sums - positives * (positives + 1) / 2) / (positives * negatives).clamp(min=1)
    return areas[:, rankable].mean(-1).float()


CLASSIFICATION: Mapping[str, Metric] = MappingProxyType(
    {"accuracy": accuracy, "balanced_accuracy": balanced_accuracy, "log_loss": loss, "f1_macro": f1_macro}
)
RANKING: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = MappingProxyType({"auroc": auroc})
"""Metrics of a classification that sort the rows of every lane, which costs more than a training step."""

REGRESSION: Mapping[str, Metric] = MappingProxyType({"rmse": rmse, "mae": mae, "r2": r2})
IN_UNITS_OF_THE_TARGET = frozenset({"rmse", "mae"})


def _rows(sums: Sums) -> Numbers:
    """How many rows there are, `[K]`."""
    return sums["rows"] if sums["rows"].ndim == 1 else np.asarray(sums["rows"].sum(-1))


def _mean_ranks(ordered: Tensor) -> Tensor:
    """Ranks from 1 of scores that rise along the last axis, equal ones sharing the mean of theirs, float64."""
    count = ordered.shape[-1]
    place = torch.arange(count, device=ordered.device).expand_as(ordered)
    begins = torch.ones_like(ordered, dtype=torch.bool)
    begins[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    ends = begins.roll(-1, -1)
    first = torch.where(begins, place, 0).cummax(-1).values
    last = torch.where(ends, place, count).flip(-1).cummin(-1).values.flip(-1)
    return (first + last + 2).double() / 2
