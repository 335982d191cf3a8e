"""Combinations: finite sets of partial points, counted and addressed by index without being listed.

A combination is an axis (one name, its values), a product (every way to take one from each part) or a choice (all of
one part, then all of the next). A grid over conditional dimensions is built from the three.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from regtune.setting import Value
from service.coordinator.draws import seed_from

_FEISTEL_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Axis:
    """One name with each of its values."""

    name: str
    values: Sequence[Value]

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.values)

    def at(self, index: int) -> dict[str, Value]:
        """The one at `index`, in [0, size)."""
        return {self.name: self.values[index]}


@dataclass(frozen=True, slots=True)
class Product:
    """Every way to take one from each part; the last part varies fastest. A product of nothing is the empty point."""

    parts: tuple[Combination, ...]

    @property
    def size(self) -> int:
        """How many there are."""
        return math.prod(part.size for part in self.parts)

    def at(self, index: int) -> dict[str, Value]:
        """The one at `index`, in [0, size)."""
        point: dict[str, Value] = {}
        for part in reversed(self.parts):
            index, digit = divmod(index, part.size)
            point |= part.at(digit)
        return point


@dataclass(frozen=True, slots=True)
class Either:
    """All of the first part, then all of the second, and so on."""

    parts: tuple[Combination, ...]

    @property
    def size(self) -> int:
        """How many there are."""
        return sum(part.size for part in self.parts)

    def at(self, index: int) -> dict[str, Value]:
        """The one at `index`, in [0, size)."""
        for part in self.parts:
            if index < part.size:
                return part.at(index)
            index -= part.size
        raise IndexError(f"the index is {index} past the last of {self.size}")


Combination = Axis | Product | Either


def shuffled(index: int, size: int, seed: int) -> int:
    """Where `index` goes in a permutation of [0, size) fixed by the seed, without holding the permutation.

    A Feistel network on the next even number of bits, applied again while it leads outside the range.
    Source: Black and Rogaway (2002), "Ciphers with arbitrary finite domains", doi:10.1007/3-540-45760-7_9.
    """
    half_bits = (max(size - 1, 1).bit_length() + 1) // 2
    mask = (1 << half_bits) - 1
    while True:
        left, right = index >> half_bits, index & mask
        for feistel_round in range(_FEISTEL_ROUNDS):
            left, right = right, left ^ (seed_from(seed, feistel_round, right) & mask)
        index = left << half_bits | right
        if index < size:
            return index
