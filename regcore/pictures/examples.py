"""What kinds are shown on: numbers that are the same on every machine, and a few bundled rows."""

from __future__ import annotations

import functools

import torch
from torch import Tensor

from regcore.data import load_bundled
from regcore.data.rows import Images, Table
from regcore.lanes.randomness import normal, stream_key, uniform
from regcore.sites import Key, TrainingRows

_DIGITS = (3, 0, 7, 4, 8, 1, 9, 6)
_WINES = (0, 20, 60, 80, 100, 120, 140, 160)


def key(name: str) -> Key:
    """The key of a draw."""
    return torch.tensor(stream_key(0, name), dtype=torch.int32)


def normals(name: str, *shape: int) -> Tensor:
    """Standard normal numbers."""
    return normal(key(name), shape)


def uniforms(name: str, *shape: int) -> Tensor:
    """Numbers uniform in [0, 1)."""
    return uniform(key(name), shape)


@functools.cache
def digits() -> TrainingRows:
    """A handwritten 3 and seven other digits, as images of 8 × 8 pixels between 0 and 1."""
    rows = load_bundled("digits")
    if not isinstance(rows.inputs, Images):
        raise TypeError("digits are images")
    return TrainingRows(torch.as_tensor(rows.inputs.pixels)[[*_DIGITS]], torch.eye(10)[[*_DIGITS]])


@functools.cache
def wines() -> TrainingRows:
    """Eight wines with their 13 measurements, each in standard deviations from the mean of all wines."""
    rows = load_bundled("wine")
    if not isinstance(rows.inputs, Table):
        raise TypeError("wines are a table")
    values = torch.as_tensor(rows.inputs.values, dtype=torch.float32)
    columns = values.shape[1]
    standardized = (values - values.mean(0)) / values.std(0)
    return TrainingRows(
        standardized[[*_WINES]],
        torch.eye(3)[torch.as_tensor(rows.targets)[[*_WINES]]],
        torch.arange(columns),
        torch.zeros(columns, dtype=torch.bool),
    )
