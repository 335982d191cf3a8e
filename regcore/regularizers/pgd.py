"""Adversarial training by projected gradients: trains on inputs moved step by step to where the loss is highest nearby.

From x plus noise uniform in ±radius, x' ← x' + 2.5 · radius / steps · sign ∂ℓ/∂x' is taken `steps` times, x' staying
within ±radius of x; the loss is (1 − share) · ℓ(x) + share · ℓ(x'). The paper trains on moved inputs alone, a share of
1. With one step it is `fgsm` from a random start. Noise, columns, pixels and running statistics are as there; each step
costs a pass forward and back, and the moved inputs one more. Evaluation is left as it is.
Source: Mądry, Makelov, Schmidt, Tsipras and Vladu (2018), arXiv:1706.06083.
Parity: none; the tests repeat each step by torch.autograd.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import integer, real
from regcore.lanes.randomness import uniform
from regcore.regularizers.fgsm import mixed
from regcore.sites import Adversary, Passes, uphill


class Pgd(Adversary):
    order = 1
    overlaps = ("fgsm", "vat")

    radius: Tensor = real(
        1e-4,
        1.0,
        default=0.03,
        log=True,
        off=0.0,
        search=(1e-3, 0.15),
        doc="ε, how far each input may be moved, in standard deviations of a column or in units of brightness.",
    )
    share: Tensor = real(0.0, 1.0, default=0.5, off=0.0, doc="How much of the loss is that of the moved inputs.")
    steps: int = integer(1, 20, default=3, per="program", doc="How many steps the inputs are moved in.")

    def loss(self, passes: Passes) -> Tensor:
        inputs = passes.batch.inputs
        start = (2 * uniform(passes.key, tuple(inputs.shape)) - 1) * self.radius
        moved = self.moved(inputs, start)
        for _ in range(self.steps):
            direction = uphill(passes, moved).sign()
            by = moved - inputs + 2.5 * self.radius * direction / self.steps
            moved = self.moved(inputs, torch.minimum(torch.maximum(by, -self._radius()), self._radius()))
        return mixed(passes.first.loss, passes.again(moved, 0).loss, self.radius, self.share)

    def _radius(self) -> Tensor:
        return torch.as_tensor(self.radius)
