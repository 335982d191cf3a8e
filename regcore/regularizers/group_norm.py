"""Group normalization: each row's features are normalized in groups, each to mean 0 and variance 1.

h ← γ (h − μ) / √(σ² + ε) + β with the mean μ and the biased variance σ² over one group of a row's features, which lie
side by side (of an image over the group's channels and all pixels), in training and in evaluation alike. One group is
`layer_norm`; of an image, as many groups as channels is instance normalization. γ and β are learned, one for each
feature or channel, start at 1 and 0, and are not penalized. Where the number of groups does not divide that of the
features, or leaves a group with one value, the next smaller that does neither is used. It stands between a layer and
its nonlinearity.
Source: Wu and He (2018), arXiv:1803.08494; Ulyanov, Vedaldi and Lempitsky (2016), arXiv:1607.08022.
Parity: torch.nn.GroupNorm and torch.nn.InstanceNorm2d, with their gradients.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import integer, real
from regcore.sites import Normalization, Parameters, Site, State, by_feature


class GroupNorm(Normalization):
    overlaps = ("batch_norm", "ghost_batch_norm", "layer_norm", "rms_norm")

    groups: int = integer(1, 512, default=8, log=True, per="program", doc="In how many groups the features are cut.")
    epsilon: Tensor = real(1e-8, 1e-1, default=1e-5, log=True, doc="ε, which keeps the divisor from 0.")

    def parameters(self, site: Site) -> Parameters:
        return {"gain": torch.ones(site.shape[0]), "shift": torch.zeros(site.shape[0])}

    def train(self, activation: Tensor, own: Parameters, state: State) -> tuple[Tensor, State]:
        return self.evaluate(activation, own, state), state

    def evaluate(self, activation: Tensor, own: Parameters, state: State) -> Tensor:
        rows, features = activation.shape[:2]
        groups = groups_of(features, features * activation[0, 0].numel(), self.groups)
        grouped = activation.reshape(rows, groups, -1)
        centered = grouped - grouped.mean(-1, keepdim=True)
        variance = centered.square().mean(-1, keepdim=True)
        normalized = (centered / (variance + self.epsilon).sqrt()).reshape(activation.shape)
        return normalized * by_feature(own["gain"], activation) + by_feature(own["shift"], activation)


def groups_of(features: int, values: int, most: int) -> int:
    """The largest number of groups up to `most` that divides the features and leaves each group two values or more."""
    for groups in range(min(most, features), 1, -1):
        if features % groups == 0 and values >= 2 * groups:
            return groups
    return 1
