"""Contours: the lines along which a function of two numbers has one value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

Pair = tuple[float, float]
_ACROSS, _UP = 48, 24
_SIDES = ((0, 1), (1, 3), (3, 2), (2, 0))
"""The sides of a cell by the numbers of their corners."""


def contours(
    function: Callable[[Tensor], Tensor], across: Pair, up: Pair, levels: Sequence[float]
) -> Iterator[tuple[Pair, Pair]]:
    """Short straight lines that together are the contours at the levels, by marching over the squares of a grid.

    The function takes a pair of numbers `[2]`, in double precision.
    """
    xs = torch.linspace(*across, _ACROSS + 1, dtype=torch.float64)
    ys = torch.linspace(*up, _UP + 1, dtype=torch.float64)
    pairs = torch.stack(torch.meshgrid(xs, ys, indexing="xy"), -1).reshape(-1, 2)
    values = torch.func.vmap(function)(pairs).reshape(_UP + 1, _ACROSS + 1).tolist()
    for row in range(_UP):
        for column in range(_ACROSS):
            places = [(row + down, column + right) for down in (0, 1) for right in (0, 1)]
            corners = [((float(xs[j]), float(ys[i])), values[i][j]) for i, j in places]
            for level in levels:
                crossings = [
                    _between(corners[one], corners[other], level)
                    for one, other in _SIDES
                    if (corners[one][1] < level) != (corners[other][1] < level)
                ]
                yield from zip(crossings[::2], crossings[1::2], strict=True)


def _between(one: tuple[Pair, float], other: tuple[Pair, float], level: float) -> Pair:
    """Where the value between two corners is the level, as if it grew evenly."""
    (place, value), (others, end) = one, other
    share = (level - value) / (end - value)
    return place[0] + share * (others[0] - place[0]), place[1] + share * (others[1] - place[1])
