"""Activity L1: pulls hidden activations towards zero, so that few units answer to any one row.

λ Σ|h|, summed over the units of every hidden layer (and the pixels of an image) and averaged over the rows of the
batch, added to the mean data loss. h is what the nonlinearity gives, before any noise. With rectified units it makes
exact zeros of activations, not of weights. Texts that average over the d units of a layer too have a λ that is d times
as large. Evaluation is left alone.
Source: Glorot, Bordes and Bengio (2011), jmlr.org/proceedings/papers/v15/glorot11a.html, section 4.
Parity: none; the tests sum by hand, and derive the gradient.
"""

from __future__ import annotations

from torch import Tensor

from regcore.hyper import real
from regcore.sites import ActivationTerm


class ActivityL1(ActivationTerm):
    overlaps = ("activity_l2",)

    strength: Tensor = real(
        1e-8,
        1.0,
        default=1e-4,
        log=True,
        off=0.0,
        search=(1e-6, 1e-2),
        doc="λ, in units of the loss per unit of activation.",
    )

    def penalty(self, activation: Tensor) -> Tensor:
        return self.strength * activation.abs().flatten(start_dim=1).sum(1).mean()
