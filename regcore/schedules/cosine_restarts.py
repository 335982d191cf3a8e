"""Cosine restarts: the learning rate falls along half a cosine again and again, in cycles that grow longer.

A fit's steps are cut into `cycles` cycles, each `growth` times as long as the one before; at the share t of a cycle the
factor is (1 + cos π t) / 2. 3 cycles of growth 2 over 105 epochs are of 15, 30 and 60.
Source: Loshchilov and Hutter (2017), arXiv:1608.03983.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import integer, real
from regcore.training import Schedule

MOST_CYCLES = 16


class CosineRestarts(Schedule):
    cycles: Tensor = integer(1, MOST_CYCLES, default=3, doc="How many cycles the training has.")
    growth: Tensor = real(1.0, 4.0, default=2.0, doc="By what factor each cycle is longer than the one before.")

    def factor(self, progress: Tensor) -> Tensor:
        ends = ends_of_cycles(self.cycles, self.growth)
        over = over_at(progress, ends)
        start = torch.where(over, ends, 0.0).amax()
        end = torch.where(over, 1.0, ends).amin()
        share = ((progress - start) / (end - start)).clamp(0.0, 1.0)
        return 0.5 * (1.0 + torch.cos(torch.deg2rad(180.0 * share)))


def ends_of_cycles(cycles: Tensor, growth: Tensor) -> Tensor:
    """At what share of the training each cycle ends, `[MOST_CYCLES]`; 1 from the last one on."""
    growth = torch.as_tensor(growth)
    number = torch.arange(MOST_CYCLES, device=growth.device)
    lengths = torch.where(number < cycles, growth**number, 0.0)
    return torch.cumsum(lengths, 0) / lengths.sum()


def over_at(progress: Tensor, ends: Tensor) -> Tensor:
    """Which cycles are over once this share of the training is."""
    return ends <= progress + 1e-6  # the two shares of the step that ends a cycle may be rounded apart
