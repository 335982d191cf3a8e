"""Class weighting: rare classes count more in the loss, so that they are not learned last.

The weight of a class with n of the N training rows, one of K classes, is (N / (K n))^power: 1 where classes are equally
frequent. A batch's loss is Σ w ℓ / Σ w over its rows, w being that of the row's class; soft targets are weighted
inside, −Σ wₖ tₖ log pₖ, and count with Σ wₖ tₖ. A class without a training row has the weight 1. With `focal` ℓ is the
focal loss. Evaluation is left as it is: the validation loss counts all rows alike.
Source: King and Zeng (2001), doi:10.1093/oxfordjournals.pan.a004868; with the power 1 as in Kadra, Lindauer, Hutter and
Grabocka (2021), arXiv:2106.11189.
Parity: torch.nn.functional.cross_entropy with `weight`.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.sites import LossRule, TrainingRows


class ClassWeighting(LossRule):
    tasks = ("classification",)

    power: Tensor = real(
        0.0, 2.0, default=1.0, off=0.0, search=(0.0, 1.0), doc="γ; 1 balances the classes fully, 0 leaves them alone."
    )

    @classmethod
    def prepare(cls, rows: TrainingRows) -> dict[str, Tensor]:
        counts = rows.targets.sum(0)
        even = len(rows.targets) / len(counts)
        return {"balance": torch.where(counts > 0, even / counts.clamp(min=1), 1.0)}

    def losses(self, logits: Tensor, targets: Tensor, inner: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
        weighted = targets * self.known["balance"] ** self.power
        # Of the batch, whose mean is taken over the number of its rows.
        return inner(logits, weighted) * (targets.sum() / weighted.sum())
