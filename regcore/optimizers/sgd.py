"""SGD: stochastic gradient descent, with momentum if asked for.

b ← μ b + g; w ← w − η b, or with Nesterov's momentum w ← w − η (g + μ b).
Source: Sutskever, Martens, Dahl and Hinton (2013), proceedings.mlr.press/v28/sutskever13.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import flag, real
from regcore.sites import Parameters
from regcore.training import Moments, Optimizer


class Sgd(Optimizer):
    learning_rate: Tensor = real(1e-6, 10.0, default=1e-2, log=True, doc="Step size, before the schedule's factor.")
    momentum: Tensor = real(0.0, 0.999, default=0.0, off=0.0, doc="μ, the share of the last step that goes on.")
    nesterov: Tensor = flag(default=False, doc="Whether the gradient is taken where the momentum leads.")

    def start(self, parameters: Parameters) -> Moments:
        return {"buffer": {name: torch.zeros_like(value) for name, value in parameters.items()}}

    def update(
        self, parameters: Parameters, gradients: Parameters, moments: Moments, step: Tensor, learning_rate: Tensor
    ) -> tuple[Parameters, Moments]:
        buffer = {name: self.momentum * moments["buffer"][name] + gradient for name, gradient in gradients.items()}
        look_ahead = torch.as_tensor(self.nesterov)
        new = {
            name: value
            - learning_rate * torch.where(look_ahead, gradients[name] + self.momentum * buffer[name], buffer[name])
            for name, value in parameters.items()
        }
        return new, {"buffer": buffer}
