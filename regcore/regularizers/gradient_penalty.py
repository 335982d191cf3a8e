"""Gradient penalty: keeps each row's loss from changing fast with its inputs; also called double backpropagation.

strength · ‖∂ℓ/∂x‖² is added to the loss as the mean over the batch, ℓ being a row's own loss: it makes the gradient of
a gradient, and about doubles the cost of a step. The derivative is taken with the noise of the step and through its
batch statistics, if any. Unlike `jacobian` it asks only that the loss be flat, so rows that are predicted well already
are hardly touched. Evaluation is left as it is.
Source: Drucker and LeCun (1992), doi:10.1109/72.165600, without their ½.
Parity: torch.autograd, by which the tests derive the rows' own gradients and the penalty's.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.sites import Passes, PassRule


class GradientPenalty(PassRule):
    gate_per = "program"
    order = 2

    strength: Tensor = real(
        1e-6,
        100.0,
        default=1e-1,
        log=True,
        off=0.0,
        search=(1e-3, 10.0),
        doc="λ, in units of the loss per squared unit of loss over input.",
    )

    def loss(self, passes: Passes) -> Tensor:
        inputs = passes.batch.inputs

        def loss(inputs: Tensor) -> Tensor:
            return passes.again(inputs, 0).loss

        slopes: Tensor = torch.func.grad(loss)(inputs)
        # Of the batch's loss, which is the mean of the rows' own; a graph cannot multiply by a size that may change.
        own = slopes * torch.ones_like(inputs.flatten(start_dim=1)[:, 0]).sum()
        return passes.first.loss + self.strength * own.flatten(start_dim=1).square().sum(1).mean()
