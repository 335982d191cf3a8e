"""Decoupled weight decay: shrinks every weight by the same share at each step, past the optimizer.

w ← w − ηλ w₀ after the optimizer's step, w₀ being the weight before it and η the learning rate at that step, so that a
schedule of the learning rate schedules the decay too. With Adam this is AdamW; with plain gradient descent it is `l2`
with the same λ, while Adam divides the gradient of `l2` by the size of recent gradients. Biases, gains and shifts are
left alone.
Source: Loshchilov and Hutter (2019), arXiv:1711.05101.
Parity: torch.optim.AdamW, and torch.optim.SGD with `weight_decay`, under a schedule.
"""

from __future__ import annotations

from torch import Tensor

from regcore.hyper import real
from regcore.sites import Parameters, Update, WeightRule


class DecoupledWeightDecay(WeightRule):
    order = 0

    strength: Tensor = real(
        1e-6,
        10.0,
        default=1e-2,
        log=True,
        off=0.0,
        search=(1e-5, 0.3),
        doc="λ; a step takes the share learning rate · λ off each weight.",
    )

    def apply(self, weights: Parameters, update: Update) -> Parameters:
        share = update.learning_rate * self.strength
        return {name: weight - share * update.before[name] for name, weight in weights.items()}
