"""Sharpness-aware minimization: takes the gradient from where the loss is worst nearby, and so prefers flat minima.

With the gradient g of the step's loss, the gradient that is used is that at w + radius · g / ‖g‖₂, on the same batch
and with the same noise. The norm is that of the whole fit, over all parameters, and the loss includes the penalties of
other kinds; decay past the optimizer is not part of it. A step costs two passes forward and back; only the first moves
running statistics. Evaluation is left as it is.
Source: Foret, Kleiner, Mobahi and Neyshabur (2021), arXiv:2010.01412.
Parity: pytorch_optimizer.SAM, over ten steps.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from regcore.hyper import real
from regcore.regularizers.gradient_clipping import norm
from regcore.sites import Parameters, PassRule


class Sam(PassRule):
    gate_per = "program"
    conflicts = ("asam",)

    radius: Tensor = real(
        1e-4,
        10.0,
        default=0.05,
        log=True,
        off=0.0,
        search=(0.01, 0.5),
        doc="ρ, how far the weights are moved uphill, in units of their norm.",
    )

    def gradients(
        self, parameters: Parameters, gradients: Parameters, gradients_at: Callable[[Parameters], Parameters]
    ) -> Parameters:
        step = self.radius / (norm(gradients) + 1e-12)
        return gradients_at({name: value + step * gradients[name] for name, value in parameters.items()})
