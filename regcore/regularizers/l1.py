"""L1 penalty: pulls every weight towards zero by the same force, however small it already is.

λ Σ|w|, added to the mean data loss once a step, over the weights of all layers (biases, gains and shifts are left
alone). Its gradient is λ sign(w), with sign(0) = 0: gradient steps make weights small but seldom exactly zero; the kind
`proximal_l1` does. Source: Tibshirani (1996), doi:10.1111/j.2517-6161.1996.tb02080.x.
Parity: torch.linalg.vector_norm of order 1.
"""

from __future__ import annotations

from torch import Tensor

from regcore.hyper import real
from regcore.sites import NormPenalty


class L1(NormPenalty):
    overlaps = ("elastic_net", "l2", "weight_regularization")

    strength: Tensor = real(
        1e-8,
        1.0,
        default=1e-5,
        log=True,
        off=0.0,
        search=(1e-7, 1e-3),
        doc="λ, in units of the loss per unit of weight.",
    )

    def coefficients(self) -> tuple[Tensor | float, Tensor | float]:
        return self.strength, 0.0
