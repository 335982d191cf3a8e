"""Gradient noise: adds normal noise to the gradients, much at first and less with every step.

g ← g + N(0, σ²) with σ² = variance / (1 + t)^decay, t being the fit's own steps from 0; drawn anew for every element
and step, before gradients are centralized or clipped. All parameters get it, biases too, but for one whose whole
gradient is 0: the fit does not use it. Evaluation is left as it is.
Source: Neelakantan, Vilnis, Le, Sutskever, Kaiser, Kurach and Martens (2015), arXiv:1511.06807.
Parity: none; the tests measure the deviation of the noise at several steps.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.lanes.randomness import fold_name, normal
from regcore.sites import GradientRule, Key, Parameters


class GradientNoise(GradientRule):
    order = 0

    variance: Tensor = real(
        1e-8,
        10.0,
        default=1e-2,
        log=True,
        off=0.0,
        search=(1e-4, 1.0),
        doc="η, the variance of the first step's noise, in squared units of the gradient.",
    )
    decay: Tensor = real(0.0, 2.0, default=0.55, doc="γ, the power of 1 + t by which the variance falls.")

    def gradients(self, gradients: Parameters, parameters: Parameters, step: Tensor, key: Key) -> Parameters:
        deviation = torch.sqrt(self.variance * (1.0 + step) ** -self.decay)
        return {name: self._noisy(gradient, deviation, fold_name(key, name)) for name, gradient in gradients.items()}

    def _noisy(self, gradient: Tensor, deviation: Tensor, key: Key) -> Tensor:
        noisy = gradient + deviation * normal(key, tuple(gradient.shape)).to(gradient.dtype)
        return torch.where((gradient != 0).any(), noisy, gradient)
