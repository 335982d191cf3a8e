"""Integers among the numbers of a space: which share of its axis rounds to which of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from regtune.space import Dimension

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Integers:
    """Columns of integers, each with its bounds, and the interval of its scale that its axis covers."""

    columns: Places
    is_log: npt.NDArray[np.bool_]
    low: Floats
    high: Floats
    start: Floats
    span: Floats

    @classmethod
    def among(cls, numbers: Sequence[Dimension]) -> Integers:
        """The integers among the numbers, of which each is a column."""
        columns = np.array([column for column, at in enumerate(numbers) if at.type == "integer"], dtype=np.int64)
        is_log = np.array([numbers[column].log for column in columns], dtype=np.bool_)
        low = np.array([numbers[column].low for column in columns], dtype=np.float64)
        high = np.array([numbers[column].high for column in columns], dtype=np.float64)
        start = _scaled(low - 0.5, is_log)
        return cls(columns, is_log, low, high, start, _scaled(high + 0.5, is_log) - start)

    def middles_and_widths(self, shares: Floats) -> tuple[Floats, Floats]:
        """The middle and the width of the share that rounds to the same integer, for shares `(n, integers)`."""
        scaled = self.start + shares * self.span
        values = np.clip(np.floor(_unscaled(scaled, self.is_log) + 0.5), self.low, self.high)
        lower = (_scaled(values - 0.5, self.is_log) - self.start) / self.span
        upper = (_scaled(values + 0.5, self.is_log) - self.start) / self.span
        return (lower + upper) / 2, upper - lower


def _scaled(values: Floats, is_log: npt.NDArray[np.bool_]) -> Floats:
    # Where the scale is not logarithmic, a value may well be negative.
    return np.where(is_log, np.log(np.where(is_log, values, 1.0)), values)


def _unscaled(scaled: Floats, is_log: npt.NDArray[np.bool_]) -> Floats:
    # Where the scale is not logarithmic, the exponential may well be too great.
    return np.where(is_log, np.exp(np.where(is_log, scaled, 0.0)), scaled)
