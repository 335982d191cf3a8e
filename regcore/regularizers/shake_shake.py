"""Shake-Shake: mixes two branches of a residual block in random shares, backward in others than forward.

branch ← α · first + (1 − α) · second forward, and with β in place of α backward; in evaluation both have the share 1/2.
`mode` says which shares are drawn, uniform in [0, 1], anew for every row, block and step: with `shake_shake` α and β,
with `shake_even` α alone (β = 1/2), with `even_even` neither, so that training too uses the mean of the branches. Each
block gets a second branch with layers of its own, and costs twice as much. It needs residual blocks, those of the
network or those that `skip_connections` makes.
Source: Gastaldi (2017), arXiv:1705.07485.
Parity: none; the tests measure the shares, forward and backward.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import choice
from regcore.lanes.randomness import uniform
from regcore.sites import Branch, Key, Site

_SHAKE_SHAKE, _SHAKE_EVEN = 0, 1


class ShakeShake(Branch):
    order = 0
    gate_per = "program"
    branches = 2
    conflicts = ("shake_drop",)

    mode: Tensor = choice(
        "shake_shake",
        "shake_even",
        "even_even",
        default="shake_shake",
        doc="Which shares are random: forward and backward, forward alone, or none.",
    )

    def train(self, branches: tuple[Tensor, ...], key: Key, site: Site) -> Tensor:
        first, second = branches
        rows = (len(first), *[1] * (first.dim() - 1))
        forwards, backwards = uniform(key, (2, *rows)).to(first.dtype).unbind(0)
        forward = torch.where(self.mode <= _SHAKE_EVEN, forwards, 0.5)
        backward = torch.where(self.mode == _SHAKE_SHAKE, backwards, 0.5)
        apart = first - second
        return second + backward * apart + ((forward - backward) * apart).detach()

    def evaluate(self, branches: tuple[Tensor, ...], site: Site) -> Tensor:
        return (branches[0] + branches[1]) / 2
