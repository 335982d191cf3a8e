"""Max norm: keeps the weights into each unit within a ball, so that none can grow without bound.

w ← w · min(1, c / ‖w‖) after each step of the optimizer, for each row w of a layer's weight: all weights into one unit,
or of one filter of a convolution. A row within the ball stays as it is. Biases, gains and shifts are left alone. At the
start a row has a norm of about 0.58, whatever the layer's width. A row that `weight_norm` rescales has its length as a
parameter of its own, on which this could not act.
Source: Srebro, Rennie and Jaakkola (2004), "Maximum-margin matrix factorization"; for networks Srivastava, Hinton,
Krizhevsky, Sutskever and Salakhutdinov (2014), jmlr.org/papers/v15/srivastava14a.html, section 5.1.
Parity: torch.renorm.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.sites import Parameters, Update, WeightRule


class MaxNorm(WeightRule):
    order = 2
    conflicts = ("weight_norm",)

    bound: Tensor = real(
        1e-2, 100.0, default=2.0, log=True, search=(0.5, 5.0), doc="c, the largest norm that a row of weights may have."
    )

    def apply(self, weights: Parameters, update: Update) -> Parameters:
        return {name: self._within(weight) for name, weight in weights.items()}

    def _within(self, weight: Tensor) -> Tensor:
        over = list(range(1, weight.dim()))
        norm = weight.square().sum(over, keepdim=True).sqrt()
        return torch.where(norm > self.bound, weight * (self.bound / norm), weight)
