"""Confidence penalty: pays the network for being unsure, so that it does not claim more than it knows.

Each row's loss − β H(p), where p is the softmax of its logits and H(p) = −Σ p log p its entropy in nats, between 0 and
the logarithm of the number of classes. The loss may become negative. In training only: the validation loss is without
it.
Source: Pereyra, Tucker, Chorowski, Kaiser and Hinton (2017), arXiv:1701.06548.
Parity: torch.distributions.Categorical, whose entropy is subtracted.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.sites import LossRule


class ConfidencePenalty(LossRule):
    tasks = ("classification",)
    overlaps = ("label_smoothing",)

    strength: Tensor = real(
        1e-3,
        10.0,
        default=0.1,
        log=True,
        off=0.0,
        search=(1e-2, 1.0),
        doc="β, in units of the loss per nat of entropy.",
    )

    def losses(self, logits: Tensor, targets: Tensor, inner: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
        log_probabilities = torch.log_softmax(logits, -1)
        entropy = -(log_probabilities.exp() * log_probabilities).sum(-1)
        return inner(logits, targets) - self.strength * entropy
