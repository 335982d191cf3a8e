"""Gaussian dropout: multiplies hidden units by random numbers around 1 instead of silencing some of them.

h ← h · (1 + √(rate / (1 − rate)) · ε) with ε standard normal, drawn anew for every unit, row and step; in evaluation h
is left as it is. The noise has the mean 1 and the variance of `dropout` at the same rate, but no unit is ever exactly
off, and a factor may be negative. Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014), section
10, jmlr.org/papers/v15/srivastava14a.html.
Parity: none; the tests measure mean and variance of the factors.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.lanes.randomness import normal
from regcore.sites import ActivationNoise, Key, Site


class GaussianDropout(ActivationNoise):
    overlaps = ("alpha_dropout", "dropout")

    rate: Tensor = real(
        0.0,
        0.9,
        default=0.2,
        off=0.0,
        search=(0.0, 0.6),
        doc="The rate at which `dropout` has the same variance; the factor's is rate / (1 − rate).",
    )

    def apply(self, activation: Tensor, key: Key, site: Site) -> Tensor:
        rate = torch.as_tensor(self.rate)
        return activation * (1 + torch.sqrt(rate / (1 - rate)) * normal(key, tuple(activation.shape)))
