"""Activity L2: pulls hidden activations towards zero in proportion to their size, so that none grows large.

λ Σh², summed over the units of every hidden layer (and the pixels of an image) and averaged over the rows of the batch,
added to the mean data loss. h is what the nonlinearity gives, before any noise. The square is not halved. Texts that
average over the d units of a layer too, as the source does, have a λ that is d times as large. Evaluation is left
alone.
Source: Merity, McCann and Socher (2017), arXiv:1708.01009 (their activation regularization).
Parity: none; the tests sum by hand, and derive the gradient.
"""

from __future__ import annotations

from torch import Tensor

from regcore.hyper import real
from regcore.sites import ActivationTerm


class ActivityL2(ActivationTerm):
    overlaps = ("activity_l1",)

    strength: Tensor = real(
        1e-8,
        1.0,
        default=1e-4,
        log=True,
        off=0.0,
        search=(1e-6, 1e-2),
        doc="λ, in units of the loss per squared unit of activation.",
    )

    def penalty(self, activation: Tensor) -> Tensor:
        return self.strength * activation.square().flatten(start_dim=1).sum(1).mean()
