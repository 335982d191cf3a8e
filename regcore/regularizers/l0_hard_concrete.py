"""L0 by hard concrete gates: learns for each weight whether it is needed, and leaves out those that are not.

A layer uses w z with a gate z in [0, 1] for each weight: z = min(1, max(0, s (ζ − γ) + γ)), in training with s =
sigmoid((log u − log(1 − u) + log α) / β) and u drawn anew for every weight and step, in evaluation with s = sigmoid(log
α); β = 2/3, γ = −0.1, ζ = 1.1. log α is learned for each weight, and λ Σ sigmoid(log α − β log(−γ/ζ)), the expected
number of weights whose gate is open, is added to the mean data loss. Gates that stay below log α = −2.4 give exact
zeros in evaluation; the share of zeros is among the metrics of a trial, as `sparsity`. A gate has to be moved there by
many steps: with Adam each moves it by about the learning rate. Biases are left alone, and other penalties act on w
before its gate.
Source: Louizos, Welling and Kingma (2018), arXiv:1712.01312.
Parity: none; the tests compare with the source's formula and measure how often gates open.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.lanes.randomness import uniform
from regcore.sites import Key, Parameters, Reparametrization, Site, State

_TEMPERATURE, _LOW, _HIGH = 2 / 3, -0.1, 1.1
_LEAST_DRAW = 1e-6


class L0HardConcrete(Reparametrization):
    order = 2

    strength: Tensor = real(
        1e-8, 1e-1, default=1e-4, log=True, search=(1e-6, 1e-2), doc="λ, in units of the loss per open gate."
    )
    closed: Tensor = real(
        0.01, 0.9, default=0.3, doc="How many gates are closed at the start: log α = log(1 − closed) − log(closed)."
    )

    def parameters(self, site: Site, weight: Tensor) -> Parameters:
        return {"log_odds": torch.zeros_like(weight) + torch.logit(1 - torch.as_tensor(self.closed))}

    def train(self, weight: Tensor, own: Parameters, state: State, key: Key) -> tuple[Tensor, State]:
        drawn = uniform(key, tuple(weight.shape)).clamp(_LEAST_DRAW, 1 - _LEAST_DRAW)
        return weight * _gate((drawn.logit() + own["log_odds"]) / _TEMPERATURE), state

    def evaluate(self, weight: Tensor, own: Parameters, state: State) -> Tensor:
        return weight * _gate(own["log_odds"])

    def penalty(self, weight: Tensor, own: Parameters) -> Tensor:
        shift = _TEMPERATURE * math.log(-_LOW / _HIGH)
        return self.strength * torch.sigmoid(own["log_odds"] - shift).sum()


def _gate(logits: Tensor) -> Tensor:
    return (torch.sigmoid(logits) * (_HIGH - _LOW) + _LOW).clamp(0, 1)
