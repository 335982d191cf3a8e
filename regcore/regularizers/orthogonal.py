"""Orthogonal: pulls the rows of each weight towards length 1 and right angles, so that no two units do the same.

λ Σ ‖W Wᵀ − I‖² over the weights W of all layers, squared and summed over the matrix's entries, added to the mean data
loss once a step; the filters of a convolution are the rows of a matrix. Its gradient is 4λ (W Wᵀ − I) W. Where a layer
has more rows than columns they cannot all be orthogonal; there ‖W Wᵀ − I‖² differs from ‖Wᵀ W − I‖² by a constant, so
that the columns are made orthogonal instead. Biases, gains and shifts are left alone.
Source: Bansal, Chen and Wang (2018), arXiv:1810.09102 (their soft orthogonality); Brock, Lim, Ritchie and Weston
(2017), arXiv:1609.07093.
Parity: none; the tests compute value and gradient by the formula.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.sites import LossTerm, Weights


class Orthogonal(LossTerm):
    strength: Tensor = real(
        1e-8,
        1.0,
        default=1e-4,
        log=True,
        off=0.0,
        search=(1e-6, 1e-2),
        doc="λ, in units of the loss per squared entry of W Wᵀ − I.",
    )

    def penalty(self, weights: Weights) -> Tensor:
        return self.strength * torch.stack([_from_orthogonal(weight) for weight in weights.values()]).sum()


def _from_orthogonal(weight: Tensor) -> Tensor:
    rows = weight.flatten(start_dim=1)
    products = rows @ rows.T
    identity = torch.eye(len(rows), dtype=rows.dtype, device=rows.device)
    return (products - identity).square().sum()
