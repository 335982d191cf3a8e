"""L2 penalty: pulls every weight towards zero in proportion to its size.

λ/2 Σw², added to the mean data loss once a step, over the weights of all layers (biases, gains and shifts are left
alone). Its gradient is λw, so with plain gradient descent it is weight decay of strength λ; with Adam it is not,
because Adam rescales it with the rest of the gradient, and `decoupled_weight_decay` is the kind that decays.
`weight_regularization` with the norm l2 has no ½: its λ is half of the λ here.
Source: Hoerl and Kennard (1970), doi:10.1080/00401706.1970.10488634; Krogh and Hertz (1991),
"A simple weight decay can improve generalization", Advances in Neural Information Processing Systems 4.
Parity: torch.optim.SGD with `weight_decay`, with and without momentum.
"""

from __future__ import annotations

from torch import Tensor

from regcore.hyper import real
from regcore.sites import NormPenalty


class L2(NormPenalty):
    overlaps = ("elastic_net", "l1", "weight_regularization")

    strength: Tensor = real(
        1e-8,
        1.0,
        default=1e-4,
        log=True,
        off=0.0,
        search=(1e-7, 1e-2),
        doc="λ, in units of the loss per squared unit of weight.",
    )

    def coefficients(self) -> tuple[Tensor | float, Tensor | float]:
        return 0.0, self.strength
