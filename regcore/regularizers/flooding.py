"""Flooding: keeps the training loss from falling below a level, by climbing whenever it is lower.

The batch's loss L becomes |L − b| + b: above b it is as it was, below b its gradient is turned round, so that training
drifts along weights whose loss is about b. L is the mean loss of the batch with all other rules of the loss in it, and
without penalties on weights and activations; b = 0 leaves it as it is. The training loss of a curve is the flooded one.
In a regression it is in units of the standardized target, squared. In training only: the validation loss is without it.
Source: Ishida, Yamane, Sakai, Niu and Sugiyama (2020), arXiv:2002.08709.
Parity: none; the tests compare with the source's formula.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.sites import LossRule


class Flooding(LossRule):
    level: Tensor = real(
        0.0, 10.0, default=0.05, off=0.0, search=(0.0, 0.3), doc="b, the level of the loss, in units of the loss."
    )

    def mean(self, loss: Tensor) -> Tensor:
        level = torch.as_tensor(self.level, dtype=loss.dtype, device=loss.device)
        # Not |L − b| + b, which rounds, and which turns a negative loss round at b = 0.
        return torch.where((level > 0) & (loss < level), 2 * level - loss, loss)
