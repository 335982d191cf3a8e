"""Elastic net: shrink every weight, and pull the useless ones to zero.

λ₁ Σ|w| + λ₂/2 Σw², added to the mean data loss once a step, over the weights of all layers (biases, gains and shifts
are left alone). With λ₂ = 0 it is `l1`, with λ₁ = 0 it is `l2`. In the form α(ρ Σ|w| + (1 − ρ)/2 Σw²) of other texts,
λ₁ = αρ and λ₂ = α(1 − ρ). Source: Zou and Hastie (2005), doi:10.1111/j.1467-9868.2005.00503.x.
Parity: sklearn.linear_model.ElasticNet, whose minimum it shares.
"""

from __future__ import annotations

from torch import Tensor

from regcore.hyper import real
from regcore.sites import NormPenalty


class ElasticNet(NormPenalty):
    overlaps = ("l1", "l2", "weight_regularization")

    l1: Tensor = real(
        1e-8,
        1.0,
        default=1e-5,
        log=True,
        off=0.0,
        search=(1e-7, 1e-3),
        doc="λ₁, in units of the loss per unit of weight.",
    )
    l2: Tensor = real(
        1e-8,
        1.0,
        default=1e-4,
        log=True,
        off=0.0,
        search=(1e-7, 1e-2),
        doc="λ₂, in units of the loss per squared unit of weight; the square is halved.",
    )

    def coefficients(self) -> tuple[Tensor | float, Tensor | float]:
        return self.l1, self.l2
