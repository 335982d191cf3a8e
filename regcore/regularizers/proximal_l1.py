"""Proximal L1: takes the same small amount off every weight after each step, and stops exactly at zero.

w ← sign(w) · max(|w| − ηλ, 0) after the optimizer's step, η being its learning rate at that step: the soft threshold,
which is the proximal operator of ηλ Σ|w|. Unlike the gradient of `l1` it makes weights exactly zero; the share of zeros
is among the metrics of a trial, as `sparsity`. Biases, gains and shifts are left alone. A training of s steps takes at
most sηλ off a weight: a λ far below 1/(sη) makes few of them zero. With an optimizer that rescales gradients, such as
Adam, λ is measured against steps of about η, not against the gradient.
Source: Beck and Teboulle (2009), doi:10.1137/080716542.
Parity: torch.nn.functional.softshrink; with gradient descent sklearn.linear_model.Lasso.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.sites import Parameters, Update, WeightRule


class ProximalL1(WeightRule):
    order = 1
    overlaps = ("group_lasso", "sparse_group_lasso")

    strength: Tensor = real(
        1e-6,
        10.0,
        default=1e-1,
        log=True,
        off=0.0,
        search=(1e-2, 2.0),
        doc="λ; a step takes the learning rate times λ off each weight.",
    )

    def apply(self, weights: Parameters, update: Update) -> Parameters:
        threshold = update.learning_rate * self.strength
        return {name: soft_threshold(weight, threshold) for name, weight in weights.items()}


def soft_threshold(values: Tensor, threshold: Tensor) -> Tensor:
    """sign(v) · max(|v| − threshold, 0) for a threshold ≥ 0 of no dimension, exact at 0 and at a threshold of 0."""
    return values - torch.minimum(torch.maximum(values, -threshold), threshold)
