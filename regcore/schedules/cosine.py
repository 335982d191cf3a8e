"""Cosine: the learning rate falls from its full value to nothing along half a cosine.

(1 + cos π t) / 2 at the share t of the fit's steps. Source: Loshchilov and Hutter (2017), arXiv:1608.03983.
"""

import math

import torch
from torch import Tensor

from regcore.training import Schedule


class Cosine(Schedule):
    def factor(self, progress: Tensor) -> Tensor:
        return 0.5 * (1.0 + torch.cos(math.pi * progress))
