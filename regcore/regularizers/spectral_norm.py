"""Spectral normalization: gives each layer's weight one largest singular value, which bounds how steep the layer is.

A layer uses c W / σ, where σ is the largest singular value of its weight W, estimated by the power method: from a
vector u that is remembered, v ← Wᵀu / ‖Wᵀu‖ and u ← Wv / ‖Wv‖ once a step (or as often as `iterations` says), σ = uᵀ W
v with u and v held constant in the gradient. At the start u has converged; evaluation goes on from it for 5 steps
more, which it does not remember. So a linear layer stretches no difference of inputs by more than c, up to the
estimate's error, and a network of L layers with rectified units by no more than c^L. Of a convolution W is the matrix
`[out, in · height · width]` of its filters; a k × k convolution may then stretch by up to c k. The estimate is never
above σ, so that in training the bound is slightly exceeded while weights change fast. Biases are left alone.
Source: Miyato, Kataoka, Koyama and Yoshida (2018), arXiv:1802.05957.
Parity: torch.nn.utils.spectral_norm, over steps of gradient descent.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import integer, real
from regcore.lanes.randomness import normal
from regcore.sites import Key, Parameters, Reparametrization, Site, State

_NOTHING = 1e-12
_ITERATIONS_AT_THE_START = 50
_ITERATIONS_IN_EVALUATION = 5


class SpectralNorm(Reparametrization):
    order = 1
    overlaps = ("weight_norm",)

    bound: Tensor = real(
        0.1, 100.0, default=1.0, log=True, search=(0.5, 10.0), doc="c, the largest singular value of each weight."
    )
    iterations: int = integer(1, 10, default=1, per="program", doc="Steps of the power method in each training step.")

    def state(self, site: Site, weight: Tensor, key: Key) -> State:
        matrix = weight.flatten(start_dim=1)
        left = normal(key, (len(weight),)).to(weight.dtype)
        return {"left": _singular_vectors(matrix, left, _ITERATIONS_AT_THE_START)[0]}

    def train(self, weight: Tensor, own: Parameters, state: State, key: Key) -> tuple[Tensor, State]:
        left, used = self._normalized(weight, state["left"], self.iterations)
        return used, {"left": left}

    def evaluate(self, weight: Tensor, own: Parameters, state: State) -> Tensor:
        return self._normalized(weight, state["left"], _ITERATIONS_IN_EVALUATION)[1]

    def _normalized(self, weight: Tensor, left: Tensor, iterations: int) -> tuple[Tensor, Tensor]:
        """The vector u after so many steps, and the weight to use."""
        matrix = weight.flatten(start_dim=1)
        left, right = _singular_vectors(matrix.detach(), left, iterations)
        largest = left @ (matrix @ right)
        return left, weight * (self.bound / torch.where(largest > _NOTHING, largest, 1.0))


def _singular_vectors(matrix: Tensor, left: Tensor, iterations: int) -> tuple[Tensor, Tensor]:
    """The vectors u `[out]` and v `[in]` after so many steps of the power method from u."""
    right = torch.ones_like(matrix[0])
    for _ in range(iterations):
        right = _unit(matrix.T @ left, right)
        left = _unit(matrix @ right, left)
    return left, right


def _unit(vector: Tensor, instead: Tensor) -> Tensor:
    """The vector at length 1; `instead` where it has none, as where all weights are zero."""
    length = vector.square().sum().sqrt()
    return torch.where(length > _NOTHING, vector / length.clamp(min=_NOTHING), instead)
