"""Precisions: how the products in layers are rounded. Weights, moments, losses and all else are float32 in each.

`float32` multiplies exactly what it is given. `tf32` lets a GPU read 10 of the 23 bits of each factor's fraction, and
sums in float32. `bfloat16` rounds factors, and what comes of them, to 7 bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

import torch
from torch import Tensor
from torch.backends import cudnn

Precision = Literal["float32", "tf32", "bfloat16"]

_TF32_CAPABILITY = (8, 0)


def factors_of(precision: Precision) -> torch.dtype:
    """What layers round to what they multiply."""
    return torch.bfloat16 if precision == "bfloat16" else torch.float32


def product(layer: Callable[..., Tensor], factors: torch.dtype, inputs: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """A layer's outputs, in the inputs' own type, from inputs, weight and bias rounded to `factors`."""
    if factors == inputs.dtype:
        return layer(inputs, weight, bias)
    return layer(inputs.to(factors), weight.to(factors), bias.to(factors)).to(inputs.dtype)


@contextmanager
def switched(precision: Precision) -> Iterator[None]:
    """While it lasts, this process's GPUs multiply float32 in the precision: exactly, unless that is `tf32`.

    And convolutions add up in one order only, for a fit is the same to the bit whoever diverges beside it. torch's
    own defaults are 10 bits and any order in convolutions. Of its two sets of switches these are the ones that its
    compiler reads: mixed with the newer `fp32_precision`, reading them raises.
    """
    before = torch.get_float32_matmul_precision(), cudnn.allow_tf32, cudnn.deterministic
    _switch("high" if precision == "tf32" else "highest", precision == "tf32", True)
    try:
        yield
    finally:
        _switch(*before)


def lacking(precision: Precision, device: torch.device) -> str | None:
    """Why a device cannot multiply in a precision; None where it can."""
    if precision == "tf32":
        if device.type != "cuda":
            return "only a GPU multiplies in tf32"
        if torch.cuda.get_device_capability(device) < _TF32_CAPABILITY:
            return f"{torch.cuda.get_device_name(device)} does not multiply in tf32"
    return None


def _switch(products: str, convolutions_in_tf32: bool, one_order: bool) -> None:
    torch.set_float32_matmul_precision(products)
    cudnn.allow_tf32 = convolutions_in_tf32
    cudnn.deterministic = one_order
