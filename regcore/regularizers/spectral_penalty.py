"""Spectral penalty: keeps every layer from stretching any direction of its inputs by much.

strength / 2 · Σ σ², σ being the largest singular value of a layer's weight as a matrix `[out, in · …]`, is added to the
mean data loss once a step. σ is estimated by the power method, one iteration a step from where the last one ended, and
its gradient is that of uᵀ W v with the directions u and v taken as given. Biases, gains and shifts are left alone.
Evaluation is left as it is.
Source: Yoshida and Miyato (2017), arXiv:1705.10941.
Parity: torch.nn.utils.parametrizations.spectral_norm, whose estimate of σ it shares.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.lanes.randomness import fold_name, normal
from regcore.sites import Key, RememberingTerm, State, Weights


class SpectralPenalty(RememberingTerm):
    strength: Tensor = real(
        1e-6,
        10.0,
        default=1e-2,
        log=True,
        off=0.0,
        search=(1e-4, 1e-1),
        doc="λ, in units of the loss per squared unit of the largest singular value; the square is halved.",
    )

    def state(self, weights: Weights, key: Key) -> State:
        directions = {}
        for name, weight in weights.items():
            direction = _unit(normal(fold_name(key, name), (len(weight),)), weight.new_zeros(()))
            for _ in range(15):  # so that the first steps do not bend the weights along what was drawn
                direction, _ = _iterated(_matrix(weight), direction)
            directions[name] = direction
        return directions

    def train(self, weights: Weights, state: State) -> tuple[Tensor, State]:
        squares, directions = [], {}
        for name, weight in weights.items():
            matrix = _matrix(weight)
            left, right = (direction.detach() for direction in _iterated(matrix.detach(), state[name]))
            squares.append((left * (matrix @ right)).sum().square())
            directions[name] = left
        return 0.5 * self.strength * torch.stack(squares).sum(), directions


def _iterated(matrix: Tensor, left: Tensor) -> tuple[Tensor, Tensor]:
    """One iteration of the power method: the left `[out]` and the right `[in]` singular direction."""
    right = _unit(matrix.T @ left, left.new_zeros(()))
    return _unit(matrix @ right, left), right


def _unit(vector: Tensor, otherwise: Tensor) -> Tensor:
    """The vector with length 1; of no length, what is given otherwise."""
    length = vector.square().sum().sqrt()
    return torch.where(length > 0, vector / length, otherwise)


def _matrix(weight: Tensor) -> Tensor:
    return weight.flatten(start_dim=1)
