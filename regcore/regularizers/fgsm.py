"""Adversarial training by the fast gradient sign: trains on inputs moved one step to where the loss rises.

The loss is (1 − share) · ℓ(x) + share · ℓ(x + radius · sign ∂ℓ/∂x), the moved inputs counting as data: nothing is
derived through how they were found. Both passes have the same noise, and only the first moves running statistics. In a
table a step is in standard deviations of the column, unbounded, and the columns of a category stay as they are. Pixels
stay between the darkest and the brightest of the training images. It costs two more passes forward and one back.
Evaluation is left as it is.
Source: Goodfellow, Shlens and Szegedy (2015), arXiv:1412.6572.
Parity: none; the tests derive the moved inputs and the gradient by hand.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.sites import Adversary, Passes, uphill


class Fgsm(Adversary):
    order = 1
    overlaps = ("pgd", "vat")

    radius: Tensor = real(
        1e-4,
        1.0,
        default=0.03,
        log=True,
        off=0.0,
        search=(1e-3, 0.15),
        doc="ε, how far each input is moved, in standard deviations of a column or in units of brightness.",
    )
    share: Tensor = real(0.0, 1.0, default=0.5, off=0.0, doc="How much of the loss is that of the moved inputs.")

    def loss(self, passes: Passes) -> Tensor:
        inputs = passes.batch.inputs
        moved = self.moved(inputs, self.radius * uphill(passes, inputs).sign())
        return mixed(passes.first.loss, passes.again(moved, 0).loss, self.radius, self.share)


def mixed(loss: Tensor, adversarial: Tensor, radius: Tensor, share: Tensor) -> Tensor:
    """(1 − share) · loss + share · adversarial; the loss alone, to the bit, where nothing is moved."""
    used = torch.where(torch.as_tensor(radius) > 0, share, 0.0)
    return (1 - used) * loss + used * adversarial
