"""Metrics of K lanes at once, on logits `[K, N, C]` and targets `[N, C]` (one-hot) or `[N, 1]` (regression)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
from torch import Tensor

Metric = Callable[[Tensor, Tensor], Tensor]


def accuracy(logits: Tensor, targets: Tensor) -> Tensor:
    """The share of rows whose largest logit is their class's, `[K]` in [0, 1]."""
    return (logits.argmax(-1) == targets.argmax(-1)).float().mean(-1)


def balanced_accuracy(logits: Tensor, targets: Tensor) -> Tensor:
    """The mean over the classes that occur of the share of their rows found, `[K]` in [0, 1]."""
    hits, _, counts = _confusion(logits, targets)
    present = counts > 0
    return (hits[:, present] / counts[present]).mean(-1)


def f1_macro(logits: Tensor, targets: Tensor) -> Tensor:
    """The mean over classes of 2·hits / (predicted + occurring), `[K]` in [0, 1]; classes in neither are left out."""
    hits, predicted, counts = _confusion(logits, targets)
    seen = predicted + counts
    score = 2.0 * hits / seen.clamp(min=1)
    return score.sum(-1) / (seen > 0).sum(-1)


def log_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """The mean of −log p(class), `[K]` in nats."""
    return -(targets * logits.log_softmax(-1)).sum(-1).mean(-1)


def auroc(logits: Tensor, targets: Tensor) -> Tensor:
    """The area under the ROC curve, one class against the rest, averaged over the classes that can be ranked, `[K]`.

    Ties count half (Mann and Whitney, 1947). With two classes both sides are the same number.
    """
    scores, places = logits.softmax(-1).transpose(1, 2).sort(-1)
    of_class = targets.T.to(scores.dtype).expand_as(scores).gather(-1, places)
    positives = targets.sum(0)
    negatives = targets.shape[0] - positives
    rankable = (positives > 0) & (negatives > 0)
    rank_sums = (_mean_ranks(scores) * of_class).sum(-1)
    areas = (rank_sums - positives * (positives + 1) / 2) / (positives * negatives).clamp(min=1)
    return areas[:, rankable].mean(-1).float()


def rmse(predictions: Tensor, targets: Tensor) -> Tensor:
    """The root of the mean squared error, `[K]` in units of the target."""
    return (predictions - targets).square().mean((1, 2)).sqrt()


def mae(predictions: Tensor, targets: Tensor) -> Tensor:
    """The mean absolute error, `[K]` in units of the target."""
    return (predictions - targets).abs().mean((1, 2))


def r2(predictions: Tensor, targets: Tensor) -> Tensor:
    """The share of the target's variance that is explained, `[K]`, at most 1; 0 where the target does not vary."""
    variance = (targets - targets.mean()).square().mean()
    unexplained = (predictions - targets).square().mean((1, 2))
    return torch.where(variance > 0, 1.0 - unexplained / variance, torch.zeros_like(unexplained))


CLASSIFICATION: Mapping[str, Metric] = MappingProxyType(
    {
        "accuracy": accuracy,
        "balanced_accuracy": balanced_accuracy,
        "log_loss": log_loss,
        "auroc": auroc,
        "f1_macro": f1_macro,
    }
)
RANKING = frozenset({"auroc"})
"""Metrics that sort the rows of every lane, which costs more than a training step."""

REGRESSION: Mapping[str, Metric] = MappingProxyType({"rmse": rmse, "mae": mae, "r2": r2})


def _confusion(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Hits `[K, C]`, predictions `[K, C]` and rows `[C]` of each class."""
    lanes, classes = len(logits), targets.shape[-1]
    predicted = logits.argmax(-1)
    hits = predicted == targets.argmax(-1)
    cells = (predicted + classes * torch.arange(lanes, device=logits.device)[:, None]).flatten()
    counted = [
        torch.bincount(cells, weights, minlength=lanes * classes).reshape(lanes, classes)
        for weights in (hits.flatten().float(), None)
    ]
    return counted[0], counted[1].float(), targets.sum(0)


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
