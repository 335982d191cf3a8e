"""Weight regularization: the norm of the weights, times a strength, added to the loss.

λ Σ|w| with the norm l1, λ Σw² with the norm l2, added to the mean data loss once a step, over the weights of all layers
(biases, gains and shifts are left alone). The square is not halved, so its gradient is 2λw: λ here does what 2λ does in
`l2`. Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 7.1, deeplearningbook.org.
Parity: none; the tests sum by hand, and compare with `l1` and `l2`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import choice, real
from regcore.sites import NormPenalty


class WeightRegularization(NormPenalty):
    overlaps = ("elastic_net", "l1", "l2")

    norm: Tensor | str = choice("l1", "l2", default="l2", doc="What is summed: |w| for l1, w² for l2.")
    strength: Tensor = real(
        1e-8,
        1.0,
        default=1e-4,
        log=True,
        off=0.0,
        search=(1e-7, 1e-2),
        doc="λ, in units of the loss per unit of the norm.",
    )

    def coefficients(self) -> tuple[Tensor | float, Tensor | float]:
        sums_absolutes = self.chose("norm", "l1")
        strength = torch.as_tensor(self.strength)
        nothing = torch.zeros_like(strength)
        return torch.where(sums_absolutes, strength, nothing), torch.where(sums_absolutes, nothing, 2 * strength)
