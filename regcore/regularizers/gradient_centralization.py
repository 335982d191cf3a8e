"""Gradient centralization: takes the mean of each unit's gradient away, so that its weights keep their mean.

g ← g − share · mean(g), the mean of a unit's row being over all axes but the first; after gradient noise and before
clipping. It acts on every parameter of two or more axes; biases, gains and shifts are left alone. Evaluation is left as
it is.
Source: Yong, Huang, Hua and Zhang (2020), arXiv:2004.01461.
Parity: pytorch_optimizer's `centralize_gradient`.
"""

from __future__ import annotations

from torch import Tensor

from regcore.hyper import real
from regcore.sites import GradientRule, Key, Parameters


class GradientCentralization(GradientRule):
    order = 1

    share: Tensor = real(0.0, 1.0, default=1.0, off=0.0, doc="How much of the mean is taken away; the paper's is 1.")

    def gradients(self, gradients: Parameters, parameters: Parameters, step: Tensor, key: Key) -> Parameters:
        return {
            name: gradient - self.share * gradient.mean(list(range(1, gradient.dim())), keepdim=True)
            for name, gradient in gradients.items()
            if gradient.dim() >= 2
        }
