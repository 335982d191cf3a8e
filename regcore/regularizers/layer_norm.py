"""Layer normalization: each row's features are shifted and scaled together to mean 0 and variance 1.

h ← γ (h − μ) / √(σ² + ε) + β with the mean μ and the biased variance σ² over all features of a row (of an image over
its channels and pixels), in training and in evaluation alike: rows do not see each other, and any batch will do. γ and
β are learned, one for each feature or channel, start at 1 and 0, and are not penalized. It stands between a layer and
its nonlinearity.
Source: Ba, Kiros and Hinton (2016), arXiv:1607.06450.
Parity: torch.nn.LayerNorm; of images torch.nn.GroupNorm with one group; with their gradients.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.sites import Normalization, Parameters, Site, State, by_feature


class LayerNorm(Normalization):
    overlaps = ("batch_norm", "ghost_batch_norm", "group_norm", "rms_norm")

    epsilon: Tensor = real(1e-8, 1e-1, default=1e-5, log=True, doc="ε, which keeps the divisor from 0.")

    def parameters(self, site: Site) -> Parameters:
        return {"gain": torch.ones(site.shape[0]), "shift": torch.zeros(site.shape[0])}

    def train(self, activation: Tensor, own: Parameters, state: State) -> tuple[Tensor, State]:
        return self.evaluate(activation, own, state), state

    def evaluate(self, activation: Tensor, own: Parameters, state: State) -> Tensor:
        over = list(range(1, activation.dim()))
        centered = activation - activation.mean(over, keepdim=True)
        variance = centered.square().mean(over, keepdim=True)
        normalized = centered / (variance + self.epsilon).sqrt()
        return normalized * by_feature(own["gain"], activation) + by_feature(own["shift"], activation)
