"""Counter-based randomness: every draw is a hash of (fit seed, stream, local step, element), never of a lane.

Nothing is remembered between draws, so a fit can be resumed from its seed and step, and the same fit draws the same
numbers in any lane, on any worker, beside any neighbours. The hash is the 32-bit finalizer of "lowbias32"
(Wellons, 2018, "Prospecting for hash functions"), in wrapping int32 arithmetic that every torch backend has.
"""

from __future__ import annotations

import functools
import hashlib
import math

import numpy as np
import torch
from torch import Tensor

_GOLDEN = -1640531527  # 2^32/φ, the odd Weyl increment 0x9E3779B9, as int32
_MULTIPLY_1 = 0x7FEB352D
_MULTIPLY_2 = -2073254261  # 0x846CA68B as int32
_UNIT = 2.0**-24


def mix(x: Tensor) -> Tensor:
    """A bijective scramble of int32 values, element by element."""
    x = x ^ (x >> 16).bitwise_and_(0xFFFF)
    x.mul_(_like(_MULTIPLY_1, x))
    x.bitwise_xor_((x >> 15).bitwise_and_(0x1FFFF))
    x.mul_(_like(_MULTIPLY_2, x))
    return x.bitwise_xor_((x >> 16).bitwise_and_(0xFFFF))


def fold(key: Tensor, number: Tensor | int) -> Tensor:
    """A key of its own for each number; keys and numbers broadcast."""
    if isinstance(number, Tensor):
        return mix(key + _like(_GOLDEN, key) * (number + 1))
    return mix(key + _like(_wrapped(_GOLDEN * (number + 1)), key))


def fold_name(key: Tensor, name: str) -> Tensor:
    """A key of its own for each name, whatever other names there are."""
    # Not the hash of `stream_key`, which a compiler of graphs cannot read.
    return fold(key, functools.reduce(lambda number, letter: (31 * number + ord(letter)) % 2**31, name, 0))


def stream_key(seed: int, stream: str) -> int:
    """The int32 key of one stream of one fit; `stream` is a stable name such as "dropout/hidden.0" or "order"."""
    digest = hashlib.blake2b(f"{seed}/{stream}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "little", signed=True)


def bits(key: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Uniform int32 bits of the shape, from a key of no dimension."""
    count = torch.arange(math.prod(shape), dtype=torch.int32, device=key.device)
    return mix(count * _GOLDEN + key).reshape(shape)


def uniform(key: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Uniform numbers in [0, 1), in steps of 2⁻²⁴."""
    return ((bits(key, shape) >> 8) & 0xFFFFFF).to(torch.float32) * _UNIT


def normal(key: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Standard normal numbers (Box and Muller, 1958)."""
    radius = torch.sqrt(-2.0 * torch.log1p(-uniform(fold(key, 0), shape)))
    return radius * torch.cos((2.0 * math.pi) * uniform(fold(key, 1), shape))


def symmetric_beta(key: Tensor, alpha: Tensor | float, shape: tuple[int, ...]) -> Tensor:
    """Numbers of Beta(α, α) in [0, 1], for α > 0 of no dimension; exact, by one formula of two uniform draws.

    With U and V uniform, ½ + ½ s / √(1 + 1 / ((U^(−1/α) − 1) c²)), c = cos 2πV and s the sign of c: Student's t of 2α
    degrees of freedom, drawn in polar coordinates (Bailey, 1994, doi:10.1090/S0025-5718-1994-1219702-8), squashed
    (Devroye, 1996, "Random variate generation in one line of code", doi:10.1145/256562.256623).
    """
    cosine = torch.cos((2.0 * math.pi) * uniform(fold(key, 1), shape))
    excess = torch.expm1(-torch.log1p(-uniform(fold(key, 0), shape)) / alpha)
    # where the excess is infinite the root is 1, and where it is 0 the root is infinite: the ends and the middle
    spread = torch.rsqrt(1 + 1 / (excess * cosine.square()))
    return 0.5 + 0.5 * torch.where(cosine < 0, -spread, spread)


def permutation(key: Tensor, size: int) -> Tensor:
    """A permutation of range(size), int64 `[size]`."""
    return torch.argsort(bits(key, (size,)), stable=True)


def permutations(keys: Tensor, size: int) -> Tensor:
    """A permutation of range(size) for each of the keys `[K]`, by their bits, ties in order: int64 `[K, size]`."""
    drawn = torch.func.vmap(lambda key: bits(key, (size,)))(keys)
    if keys.device.type != "cpu":
        return torch.argsort(drawn, stable=True)
    # With its place behind its bits a number says both, and numpy sorts plain numbers in a third of the time.
    places = drawn.numpy().astype(np.int64) << 32 | np.arange(size)
    places.sort(axis=-1)
    return torch.from_numpy(places & 0xFFFFFFFF)


def _like(number: int, x: Tensor) -> Tensor:
    """A tensor of no dimension: a graph of lanes would take a plain number to 32-bit float and back, and round it."""
    return torch.full((), number, dtype=torch.int32, device=x.device)


def _wrapped(number: int) -> int:
    return (number + 2**31) % 2**32 - 2**31
