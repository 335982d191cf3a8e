"""The axes of a search space: points of the space as rows of numbers, and rows as points.

A number is placed by its share of its dimension, in [0, 1], and a choice or flag by its place among the options; so
one uniform density, 1, is the prior of every axis, whatever its scale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from regtune.setting import Value
from regtune.space import Dimension, SearchSpace
from service.coordinator.draws import options_of, place, share_of

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

ABSENT = -1
"""The option of a choice that a point does not have; a number that it does not have is NaN."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Points, one a row: shares of numbers `(n, numbers)`, and options of choices and flags `(n, choices)`."""

    shares: Floats
    options: Places

    def __len__(self) -> int:
        return len(self.shares)

    def at(self, rows: Places) -> Rows:
        """The rows with these places, in this order."""
        return Rows(self.shares[rows], self.options[rows])


class Axes:
    """The dimensions of a space as columns: numbers and choices apart, each in the order of the space."""

    def __init__(self, space: SearchSpace) -> None:
        self._space = space
        self._numbers = [at for at in space.dimensions if at.low is not None]
        self._choices = [at for at in space.dimensions if at.low is None]
        self._place = {at.name: place for axes in (self._numbers, self._choices) for place, at in enumerate(axes)}
        self.option_counts = np.array([len(options_of(at)) for at in self._choices], dtype=np.int64)
        self.choice_of_option = np.repeat(np.arange(len(self._choices)), self.option_counts)
        self.options = np.concatenate([np.arange(0), *(np.arange(count) for count in self.option_counts)])
        self._gated_numbers = self._gates_of(self._numbers)
        self._gated_choices = self._gates_of(self._choices)
        self._integers = _Integers.of(self._numbers)

    @property
    def numbers(self) -> int:
        """How many dimensions are numbers."""
        return len(self._numbers)

    @property
    def choices(self) -> int:
        """How many dimensions are choices or flags."""
        return len(self._choices)

    def row(self, point: Mapping[str, Value]) -> Rows:
        """The one row of a point; dimensions that it lacks are absent."""
        shares = [share_of(at, point[at.name]) if at.name in point else np.nan for at in self._numbers]
        options = [options_of(at).index(point[at.name]) if at.name in point else ABSENT for at in self._choices]
        return Rows(np.array([shares], dtype=np.float64), np.array([options], dtype=np.int64))

    def value(self, rows: Rows, row: int, dimension: Dimension) -> Value:
        """The value of a dimension in a row that has it."""
        column = self._place[dimension.name]
        if dimension.low is None:
            return options_of(dimension)[int(rows.options[row, column])]
        return place(dimension, float(rows.shares[row, column]))

    def settled(self, rows: Rows, held: Rows) -> Rows:
        """The rows with what is held in place of their own, integers in the middle of their share, and gates obeyed."""
        shares = np.where(np.isnan(held.shares), rows.shares, held.shares)
        options = np.where(held.options == ABSENT, rows.options, held.options)
        columns = self._integers.columns
        shares[:, columns] = self._integers.middles_and_widths(shares[:, columns])[0]
        for column, gate in self._gated_numbers:
            shares[options[:, gate] == 0, column] = np.nan
        for column, gate in self._gated_choices:
            options[options[:, gate] == 0, column] = ABSENT
        return Rows(shares, options)

    def widths(self, shares: Floats) -> Floats:
        """How wide the value of each share is: the share that falls to an integer, 0 for a real. `(n, numbers)`"""
        widths = np.zeros_like(shares)
        columns = self._integers.columns
        widths[:, columns] = self._integers.middles_and_widths(shares[:, columns])[1]
        return widths

    def _gates_of(self, dimensions: list[Dimension]) -> list[tuple[int, int]]:
        """Pairs of a column that hangs on a gate and the gate's own column."""
        return [(column, self._place[at.gate]) for column, at in enumerate(dimensions) if at.gate is not None]


@dataclass(frozen=True, slots=True)
class _Integers:
    """The columns of integers, which share the interval from `start` to `start + span` of their scale."""

    columns: Places
    is_log: npt.NDArray[np.bool_]
    low: Floats
    high: Floats
    start: Floats
    span: Floats

    @classmethod
    def of(cls, numbers: list[Dimension]) -> _Integers:
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
