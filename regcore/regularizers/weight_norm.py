"""Weight normalization: learns the length and the direction of the weights into each unit apart.

A layer uses w = g v / √(‖v‖² + ε) for each row v of its weight (all weights into one unit, or of one filter of a
convolution), in training and in evaluation alike. v and the length g are learned; g starts at √(‖v‖² + ε), so that the
network begins as it was. Penalties and decay act on v, whose length means nothing here: they change only how fast its
direction turns. g is not penalized. Sparsity survives: where v is zero, w is.
Source: Salimans and Kingma (2016), arXiv:1602.07868.
Parity: torch.nn.utils.parametrizations.weight_norm, over steps of gradient descent.
"""

from __future__ import annotations

from torch import Tensor

from regcore.hyper import real
from regcore.sites import Key, Parameters, Reparametrization, Site, State


class WeightNorm(Reparametrization):
    order = 0
    conflicts = ("max_norm",)
    overlaps = ("spectral_norm",)

    epsilon: Tensor = real(
        1e-12, 1e-1, default=1e-8, log=True, doc="ε, which keeps the divisor from 0 where all weights into a unit are."
    )

    def parameters(self, site: Site, weight: Tensor) -> Parameters:
        return {"length": self._lengths(weight)}

    def train(self, weight: Tensor, own: Parameters, state: State, key: Key) -> tuple[Tensor, State]:
        return self.evaluate(weight, own, state), state

    def evaluate(self, weight: Tensor, own: Parameters, state: State) -> Tensor:
        return weight * (own["length"] / self._lengths(weight))

    def _lengths(self, weight: Tensor) -> Tensor:
        """√(‖v‖² + ε) of the rows, `[out, 1, …]`."""
        return (weight.square().sum(list(range(1, weight.dim())), keepdim=True) + self.epsilon).sqrt()
