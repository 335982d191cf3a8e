"""Rows: the inputs and targets of a data set as numpy arrays, before any split and any scaling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

MISSING_CATEGORY = -1
"""The index of a cell without a category."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table; `categories` is None where it is numeric."""

    name: str
    categories: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Inputs `[N, F]`, float64, by column: numbers, NaN where missing, or indices of categories, −1 where missing."""

    values: NDArray[np.float64]
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Images:
    """Inputs `[N, C, H, W]`: uint8, which is scaled to 0–1 when prepared, or float32, which is used as it is."""

    pixels: NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """All rows of a data set; where it brought test rows of its own (`own_test`), all but those.

    `targets` `[N]` are indices into `classes` (int64), or numbers (float64) where `classes` is None: a regression.
    """

    inputs: Table | Images
    targets: NDArray[Any]
    classes: tuple[str, ...] | None
    own_test: bool = False

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def task(self) -> Literal["classification", "regression"]:
        """What there is to learn."""
        return "regression" if self.classes is None else "classification"

    @property
    def kind(self) -> Literal["table", "image"]:
        """Which sort of inputs they are."""
        return "table" if isinstance(self.inputs, Table) else "image"

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one row: `(F,)` columns of a table, `(C, H, W)` of an image."""
        array = self.inputs.values if isinstance(self.inputs, Table) else self.inputs.pixels
        return tuple(array.shape[1:])
