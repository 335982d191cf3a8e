"""Adaptive sharpness-aware minimization: `sam` with a distance that counts each weight in units of its own size.

The gradient that is used is that at w + radius · T² g / ‖T g‖₂ with T = |w| + floor for every parameter, so that the
neighborhood shrinks and grows with the weights: layers that are scaled against each other without changing what the
network computes are as sharp as before. A radius is about ten times that of `sam`. Norm, loss, noise and cost are as
there. Evaluation is left as it is.
Source: Kwon, Kim, Park and Choi (2021), arXiv:2102.11600; their code keeps T = 1 for biases.
Parity: pytorch_optimizer.SAM with `adaptive`, at the floor 0, over ten steps.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from regcore.hyper import real
from regcore.regularizers.gradient_clipping import norm
from regcore.sites import Parameters, PassRule


class Asam(PassRule):
    gate_per = "program"
    conflicts = ("sam",)

    radius: Tensor = real(
        1e-3,
        10.0,
        default=0.5,
        log=True,
        off=0.0,
        search=(0.1, 2.0),
        doc="ρ, how far the weights are moved uphill, each in units of its own size.",
    )
    floor: Tensor = real(0.0, 1.0, default=0.01, doc="η, what is added to that size, so that zeros move too.")

    def gradients(
        self, parameters: Parameters, gradients: Parameters, gradients_at: Callable[[Parameters], Parameters]
    ) -> Parameters:
        sizes = {name: value.abs() + self.floor for name, value in parameters.items()}
        scaled = {name: sizes[name] * gradient for name, gradient in gradients.items()}
        step = self.radius / (norm(scaled) + 1e-12)
        return gradients_at({name: value + step * sizes[name] * scaled[name] for name, value in parameters.items()})
