"""L2 to the starting point: pulls every weight back to where it began, in proportion to how far it has gone.

strength / 2 · Σ (w − w₀)², w₀ being the fit's weights before its first step, is added to the mean data loss once a
step, over the weights of all layers (biases, gains and shifts are left alone). Where `l2` prefers small weights, it
prefers those near the start: of a network that begins with random weights it keeps the training lazy, of one that has
learned before it keeps what was learned. Evaluation is left as it is.
Source: Li, Grandvalet and Davoine (2018), arXiv:1802.01483.
Parity: none; the tests compute distance and gradient by hand.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.sites import Key, RememberingTerm, State, Weights


class L2Sp(RememberingTerm):
    strength: Tensor = real(
        1e-6,
        10.0,
        default=1e-2,
        log=True,
        off=0.0,
        search=(1e-4, 1.0),
        doc="λ, in units of the loss per squared unit of distance; the square is halved.",
    )

    def state(self, weights: Weights, key: Key) -> State:
        return dict(weights)

    def train(self, weights: Weights, state: State) -> tuple[Tensor, State]:
        squares = [(weight - state[name]).square().sum() for name, weight in weights.items()]
        return 0.5 * self.strength * torch.stack(squares).sum(), state
