"""Constant: the learning rate stays as it is.

Source: Robbins and Monro (1951), doi:10.1214/aoms/1177729586, without their decay.
"""

import torch
from torch import Tensor

from regcore.training import Schedule


class Constant(Schedule):
    def factor(self, progress: Tensor) -> Tensor:
        return torch.ones_like(progress)
