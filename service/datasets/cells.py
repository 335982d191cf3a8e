"""Cells: how the columns of any file become texts without spaces around them, or numbers, and how numbers are named."""

from __future__ import annotations

from collections.abc import Sequence

import polars
from polars import Float64, Series, String

from regtune.study.values import shown
from service.datasets.errors import FILE, refused

LARGEST = 1e100
"""Beyond it, squares and sums of numbers overflow."""


def stripped(texts: Series) -> Series:
    """Texts without the spaces around them; an empty one is no value.

    Raises:
        InvalidDataset: a text holds the character 0, which no database takes.
    """
    if texts.str.contains("\0", literal=True).any():
        raise refused(FILE, "wrong_characters", f"a cell of {shown(texts.name)} holds the character 0; remove it")
    return texts.str.strip_chars().replace("", None)


def without(cells: Series, words: Sequence[str]) -> Series:
    """Texts or numbers, those that the words stand for replaced by no value."""
    if cells.dtype == String:
        return cells.replace(words, None) if words else cells
    numbers = Series(words, dtype=String).cast(Float64, strict=False).drop_nulls().to_list()
    return cells.replace(numbers, None) if numbers else cells


def as_numbers(cells: Series) -> tuple[Series, Series]:
    """Cells as numbers, nulls where they are none or "nan", and which of them were texts that are no numbers."""
    numbers = cells.cast(Float64, strict=False)
    return numbers.fill_nan(None), numbers.is_null() & cells.is_not_null()


def as_names(cells: Series) -> Series:
    """Cells as texts; whole numbers are named without a decimal point."""
    if cells.dtype == String:
        return cells
    whole = (cells == cells.floor()) & (cells.abs() < 2**53)
    named = polars.select(
        polars.when(whole).then(cells.cast(polars.Int64, strict=False).cast(String)).otherwise(cells.cast(String))
    )
    return named.to_series().alias(cells.name)


def too_large(numbers: Series) -> Series:
    """Which numbers are infinite, or as good as that."""
    return numbers.abs() > LARGEST


def first_row(flags: Series) -> int:
    """The index, from 0, of the first row that is flagged; there must be one."""
    found = flags.arg_true()
    return int(found[0])
