"""Lookahead: every few steps the weights go back part of the way to where they were the last time.

Slow weights φ, which start as the weights do, follow the fast ones: after every k = `every` steps of the optimizer φ ←
φ + α (w − φ) and w ← φ. It acts on all parameters, biases too, after every other change to the weights; the optimizer's
own memory goes on. Evaluation uses the fast weights.
Source: Zhang, Lucas, Hinton and Ba (2019), arXiv:1907.08610.
Parity: pytorch_optimizer.Lookahead, over twenty steps.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import integer, real
from regcore.sites import Parameters, State, Update, WeightRule


class Lookahead(WeightRule):
    scope = "all"
    order = 3

    share: Tensor = real(
        0.01,
        1.0,
        default=0.5,
        off=1.0,
        search=(0.5, 0.8),
        doc="α, how far the slow weights go towards the fast ones; 1 changes nothing.",
    )
    every: Tensor = integer(1, 1000, default=6, search=(5, 10), doc="k, how many steps the fast weights take between.")

    def state(self, parameters: Parameters) -> State:
        return dict(parameters)

    def apply(self, weights: Parameters, update: Update) -> Parameters:
        return {
            # From the fast weight back, so that a share of 1 leaves it as it is to the bit.
            name: torch.where(self._meets(update), weight - (1 - self.share) * (weight - update.state[name]), weight)
            for name, weight in weights.items()
        }

    def remember(self, weights: Parameters, update: Update) -> State:
        return {name: torch.where(self._meets(update), weight, update.state[name]) for name, weight in weights.items()}

    def _meets(self, update: Update) -> Tensor:
        return (update.step + 1) % self.every == 0
