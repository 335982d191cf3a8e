"""Focal loss: counts rows less the surer the network is of them, so that training turns to those it gets wrong.

−Σ t_c (1 − p_c)^γ log p_c for soft targets t and the softmax p of the logits: for a target of one class the
cross-entropy times (1 − p)^γ, p being the probability of that class. γ = 0 is the cross-entropy. There is no weight by
class. Its gradient passes through the factor too. The loss is smaller than the cross-entropy, so that penalties weigh
more beside it. In training only: the validation loss is the cross-entropy.
Source: Lin, Goyal, Girshick, He and Dollár (2017), arXiv:1708.02002.
Parity: torch.nn.functional.cross_entropy, times the source's factor.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.sites import LossRule

_LEAST_DOUBT = 1e-12


class Focal(LossRule):
    tasks = ("classification",)
    order = -1  # within class weighting, which would take its factor for a class's weight

    exponent: Tensor = real(
        0.0, 10.0, default=2.0, off=0.0, search=(0.0, 5.0), doc="γ; the larger, the less a row counts that is right."
    )

    def losses(self, logits: Tensor, targets: Tensor, inner: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
        # Above 0, where a power below 1 has no slope.
        doubt = (1 - torch.softmax(logits, -1)).clamp(min=_LEAST_DOUBT)
        return inner(logits, targets * doubt**self.exponent)
