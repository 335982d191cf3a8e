"""Trees of tensors with lanes as their first axis: putting lanes together, and choosing among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils import _pytree as pytree

Tree = TypeVar("Tree")
Numbers = npt.NDArray[np.float64]


def copied(tree: Tree) -> Tree:
    """The tree with memory of its own for every lane of every leaf, so that each can be changed in place."""
    return pytree.tree_map(lambda leaf: leaf.clone(memory_format=torch.contiguous_format), tree)  # type: ignore[no-any-return]


def join(trees: Sequence[Tree]) -> Tree:
    """The lanes of several trees `[Kᵢ, …]` one after the other, `[ΣKᵢ, …]`."""
    if len(trees) == 1:
        return trees[0]
    return pytree.tree_map(lambda *leaves: torch.cat(leaves), *trees)  # type: ignore[no-any-return]


def take(tree: Tree, lanes: Tensor) -> Tree:
    """The lanes of the given places, in their order: `[len(lanes), …]`."""
    return pytree.tree_map(lambda leaf: leaf[lanes], tree)  # type: ignore[no-any-return]


def choose(mask: Tensor, where: Tree, otherwise: Tree) -> Tree:
    """Lane by lane, the one tree or the other; `mask` is bool `[K]`."""

    def chosen(used: Tensor, unused: Tensor) -> Tensor:
        return torch.where(mask.reshape(-1, *[1] * (used.dim() - 1)), used, unused)

    return pytree.tree_map(chosen, where, otherwise)  # type: ignore[no-any-return]


def moved(tree: Tree, device: torch.device) -> Tree:
    """The tree on a device."""
    return pytree.tree_map(lambda leaf: leaf.to(device), tree)  # type: ignore[no-any-return]


def on_host(values: Tensor) -> Numbers:
    """The values on the host, where sums over steps or chunks do not depend on a lane's place in a vector register."""
    numbers: Numbers = values.double().cpu().numpy()
    return numbers
