"""Jacobian regularization: keeps predictions from changing fast with the inputs, wherever they change to.

strength / 2 · ‖∂z/∂x‖², the squared Frobenius norm of the derivatives of the logits z by the inputs x, is added to the
loss as the mean over the batch. Of C outputs it is estimated from `projections` random directions v of length 1, new
for each row and step: C · ‖∂(v · z)/∂x‖², which is right on average, and exact where there is one output. The
derivatives are taken with the noise of the step and through its batch statistics, if any. Each direction costs about
another pass forward and back. Evaluation is left as it is.
Source: Hoffman, Roberts and Yaida (2019), arXiv:1908.02729; Sokolić, Giryes, Sapiro and Rodrigues (2017),
arXiv:1605.08254, for the exact norm.
Parity: torch.func.jacrev, whose norm the estimates average to.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import integer, real
from regcore.lanes.randomness import fold, normal
from regcore.sites import Passes, PassRule


class Jacobian(PassRule):
    gate_per = "program"
    order = 2

    strength: Tensor = real(
        1e-6,
        10.0,
        default=1e-2,
        log=True,
        off=0.0,
        search=(1e-4, 1.0),
        doc="λ, in units of the loss per squared unit of logit over input.",
    )
    projections: int = integer(1, 16, default=1, per="program", doc="How many random directions the norm is read from.")

    def loss(self, passes: Passes) -> Tensor:
        logits = passes.first.logits
        squares = [
            _square_along(passes, _directions(normal(fold(passes.key, number), tuple(logits.shape))))
            for number in range(self.projections)
        ]
        return passes.first.loss + 0.5 * self.strength * torch.stack(squares).mean()


def _square_along(passes: Passes, directions: Tensor) -> Tensor:
    """The mean over the batch of ‖∂(v · z)/∂x‖² for a direction v `[B, outputs]` of each row."""

    def along(inputs: Tensor) -> Tensor:
        return (directions * passes.again(inputs, 0).logits).sum()

    slopes: Tensor = torch.func.grad(along)(passes.batch.inputs)
    return slopes.flatten(start_dim=1).square().sum(1).mean()


def _directions(drawn: Tensor) -> Tensor:
    """Rows `[B, C]` of length √C, with which the mean square along one direction is that of all C together."""
    return drawn / drawn.square().mean(1, keepdim=True).sqrt().clamp(min=1e-12)
