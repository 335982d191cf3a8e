"""Adam: steps scaled by running moments of the gradient.

m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g²; w ← w − η m̂ / (√v̂ + ε), with m̂, v̂ corrected for their start at 0.
Source: Kingma and Ba (2015), arXiv:1412.6980.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.sites import Parameters
from regcore.training import Moments, Optimizer


class Adam(Optimizer):
    beta1: Tensor = real(0.0, 0.999, default=0.9, doc="β₁, how slowly the mean of the gradient forgets.")
    beta2: Tensor = real(0.0, 0.99999, default=0.999, doc="β₂, how slowly the mean of its square forgets.")
    epsilon: Tensor = real(1e-12, 1e-2, default=1e-8, log=True, doc="ε, added to the root of the second moment.")

    def start(self, parameters: Parameters) -> Moments:
        zeros = {name: torch.zeros_like(value) for name, value in parameters.items()}
        return {"mean": zeros, "square": {name: value.clone() for name, value in zeros.items()}}

    def update(
        self, parameters: Parameters, gradients: Parameters, moments: Moments, step: Tensor, learning_rate: Tensor
    ) -> tuple[Parameters, Moments]:
        count = (step + 1).to(learning_rate.dtype)
        step_size = learning_rate / (1 - self.beta1**count)
        root_correction = torch.sqrt(1 - self.beta2**count)
        mean = {name: torch.lerp(gradient, moments["mean"][name], self.beta1) for name, gradient in gradients.items()}
        square = {
            name: torch.lerp(gradient * gradient, moments["square"][name], self.beta2)
            for name, gradient in gradients.items()
        }
        new = {}
        for name, value in parameters.items():
            # In place, where nobody else looks: wide layers fall out of the caches with every tensor more.
            divisor = square[name].sqrt().div_(root_correction).add_(self.epsilon)
            new[name] = value - (mean[name] * step_size).div_(divisor)
        return new, {"mean": mean, "square": square}
