"""RMS normalization: each row's features are scaled together to a root mean square of 1, without being shifted.

h ← γ h / √(mean h² + ε), the mean over all features of a row (of an image over its channels and pixels), in training
and in evaluation alike. γ is learned, one for each feature or channel, starts at 1, and is not penalized. It is
`layer_norm` without the mean and the shift. It stands between a layer and its nonlinearity.
Source: Zhang and Sennrich (2019), arXiv:1910.07467.
Parity: torch.nn.RMSNorm, with its gradients.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.sites import Normalization, Parameters, Site, State, by_feature


class RmsNorm(Normalization):
    overlaps = ("batch_norm", "ghost_batch_norm", "group_norm", "layer_norm")

    epsilon: Tensor = real(1e-8, 1e-1, default=1e-5, log=True, doc="ε, which keeps the divisor from 0.")

    def parameters(self, site: Site) -> Parameters:
        return {"gain": torch.ones(site.shape[0])}

    def train(self, activation: Tensor, own: Parameters, state: State) -> tuple[Tensor, State]:
        return self.evaluate(activation, own, state), state

    def evaluate(self, activation: Tensor, own: Parameters, state: State) -> Tensor:
        over = list(range(1, activation.dim()))
        squared = activation.square().mean(over, keepdim=True)
        return activation / (squared + self.epsilon).sqrt() * by_feature(own["gain"], activation)
