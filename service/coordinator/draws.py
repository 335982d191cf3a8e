"""Counter-based draws: numbers in [0, 1) that depend on their key alone, and their place on a dimension.

A draw is keyed by what it is for (study seed, trial number, dimension name), never by what was drawn before it. Hence
the trials of a study depend neither on batches, restarts and coordinators, nor on the other dimensions beside them.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping

from regtune.setting import Value
from regtune.space import Dimension, SearchSpace

PROGRAM_BLOCK_TRIALS = 32
"""How many consecutive trial numbers share the program part of their settings, so that lanes are not scattered."""

_MANTISSA_BITS = 53


def seed_from(*key: int | str) -> int:
    """A whole number in [0, 2⁶⁴) that is a stable hash of the key, the same on any machine."""
    text = "\x1f".join(f"{type(part).__name__}:{part}" for part in key)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def unit_from(*key: int | str) -> float:
    """A number in [0, 1), uniform over keys, with all bits of a double's mantissa."""
    return (seed_from(*key) >> (64 - _MANTISSA_BITS)) * 2.0**-_MANTISSA_BITS


def counter_of(dimension: Dimension, number: int) -> str:
    """What a draw for a dimension of trial `number` counts: the trial, or its block for the program part."""
    if dimension.per == "program":
        return f"block {number // PROGRAM_BLOCK_TRIALS}"
    return f"trial {number}"


def place(dimension: Dimension, unit: float) -> Value:
    """The value at a share in [0, 1) of a dimension: uniform on its scale, each integer or choice equally wide.

    An integer on a logarithmic scale takes the share of [log(low − ½), log(high + ½)] that rounds to it; a flag with
    a chance of its own is true in the upper share of that size.
    """
    if dimension.type == "real":
        return _between(_number(dimension.low), _number(dimension.high), unit, dimension.log)
    if dimension.type == "integer":
        low, high = round(_number(dimension.low)), round(_number(dimension.high))
        value = math.floor(_between(low - 0.5, high + 0.5, unit, dimension.log) + 0.5)
        return min(max(value, low), high)
    if dimension.chance is not None:
        return unit >= 1 - dimension.chance
    options = options_of(dimension)
    return options[int(unit * len(options))]


def share_of(dimension: Dimension, value: Value) -> float:
    """The share in [0, 1] of a dimension at which `place` gives a value of it: the middle one, where many do."""
    if dimension.type == "real":
        return _share(dimension, float(value), float(value))
    if dimension.type == "integer":
        return _share(dimension, float(value) - 0.5, float(value) + 0.5)
    if dimension.chance is not None:
        return 1 - dimension.chance / 2 if value else (1 - dimension.chance) / 2
    options = options_of(dimension)
    return (options.index(value) + 0.5) / len(options)


def options_of(dimension: Dimension) -> tuple[Value, ...]:
    """The values of a dimension without a scale: its choices, or false and true."""
    return (False, True) if dimension.type == "flag" else tuple(dimension.choices)


def draw(space: SearchSpace, value_of: Callable[[Dimension], Value]) -> dict[str, Value]:
    """A point of the space, dimension by dimension; what does not exist beside the gates drawn before is left out."""
    point: dict[str, Value] = {}
    for dimension in space.dimensions:
        if dimension.exists(point):
            point[dimension.name] = value_of(dimension)
    return point


def draw_unlearned(space: SearchSpace, seed: int, number: int, held: Mapping[str, Value]) -> dict[str, Value]:
    """The point of trial `number` before an estimator can be asked, with what the trial's block holds."""

    def value_of(at: Dimension) -> Value:
        if at.name in held:
            return held[at.name]
        return place(at, unit_from(seed, "tpe", counter_of(at, number), at.name))

    return draw(space, value_of)


def _between(low: float, high: float, unit: float, log: bool) -> float:
    start, end = (math.log(low), math.log(high)) if log else (low, high)
    value = start + unit * (end - start)
    # Rounding may carry the sum, or its exponential, just past an end.
    return min(max(math.exp(value) if log else value, low), high)


def _share(dimension: Dimension, first: float, last: float) -> float:
    """The middle of [first, last] on the scale of a number, which ends half an integer beyond an integer's bounds."""
    beyond = 0.5 if dimension.type == "integer" else 0.0
    ends = (_number(dimension.low) - beyond, _number(dimension.high) + beyond, first, last)
    start, end, low, high = (math.log(end) for end in ends) if dimension.log else ends
    return min(max(((low + high) / 2 - start) / (end - start), 0.0), 1.0) if end > start else 0.5


def _number(bound: float | None) -> float:
    if bound is None:
        raise TypeError("a numeric dimension has two bounds, got None")
    return bound
