"""The axes of a search space: points of the space as rows of numbers, and rows as points.

A number is placed by its share of its dimension, in [0, 1], and a choice or flag by its place among the options. The
prior of every number is then the uniform density, whatever its scale; that of options is even, but for flags that have
a chance of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from regtune.setting import Value
from regtune.space import Dimension, SearchSpace
from service.coordinator.draws import options_of, place, share_of
from service.coordinator.parzen.integers import Integers

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


@dataclass(frozen=True, slots=True)
class Stage:
    """Columns that are drawn together: those that no gate leaves out, or those that hang on the same gates.

    `conditions` holds the column of each such gate among the choices, and what it must be; `features` are the columns
    of `Axes.features`.
    """

    conditions: tuple[tuple[int, bool], ...]
    numbers: Places
    choices: Places
    features: Places

    def reached(self, rows: Rows) -> Places:
        """The places of the rows that have these columns; a gate that a row lacks is false there."""
        have = np.ones(len(rows), dtype=np.bool_)
        for gate, needed in self.conditions:
            have &= (rows.options[:, gate] == 1) == needed
        return np.flatnonzero(have)

    def moved(self, target: Rows, source: Rows, row: int) -> Rows:
        """The one row `target` with these columns as they are in a row of `source`."""
        shares, options = target.shares.copy(), target.options.copy()
        shares[0, self.numbers] = source.shares[row, self.numbers]
        options[0, self.choices] = source.options[row, self.choices]
        return Rows(shares, options)


class Axes:
    """The dimensions of a space as columns: numbers and choices apart, each in the order of the space."""

    def __init__(self, space: SearchSpace) -> None:
        self._numbers = [at for at in space.dimensions if at.low is not None]
        self._choices = [at for at in space.dimensions if at.low is None]
        self._column = {at.name: column for axes in (self._numbers, self._choices) for column, at in enumerate(axes)}
        self._integers = Integers.among(self._numbers)
        self.option_counts = np.array([len(options_of(at)) for at in self._choices], dtype=np.int64)
        self.choice_of_option = np.repeat(np.arange(len(self._choices)), self.option_counts)
        self.options = np.concatenate([np.arange(0), *(np.arange(count) for count in self.option_counts)])
        self._true_from = np.array([np.nan if at.chance is None else 1 - at.chance for at in self._choices])
        self.option_shares = np.concatenate([np.empty(0), *(_shares_of_options(at) for at in self._choices)])
        sorts = dict.fromkeys(tuple(at.conditions.items()) for at in space.dimensions if at.conditions)
        self.stages = (self._stage(()), *(self._stage(conditions) for conditions in sorts))

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

    def value(self, row: Rows, dimension: Dimension) -> Value:
        """The value of a dimension that the one row has."""
        column = self._column[dimension.name]
        if dimension.low is None:
            return options_of(dimension)[int(row.options[0, column])]
        return place(dimension, float(row.shares[0, column]))

    def settled(self, rows: Rows, held: Rows) -> Rows:
        """The rows, but with what the one row `held` has, and with integers in the middle of their share."""
        shares = np.where(np.isnan(held.shares), rows.shares, held.shares)
        columns = self._integers.columns
        shares[:, columns] = self._integers.middles_and_widths(shares[:, columns])[0]
        return Rows(shares, np.where(held.options == ABSENT, rows.options, held.options))

    def widths(self, shares: Floats) -> Floats:
        """How wide the value of each share is: the share that falls to an integer, 0 for a real. `(n, numbers)`"""
        widths = np.zeros_like(shares)
        columns = self._integers.columns
        widths[:, columns] = self._integers.middles_and_widths(shares[:, columns])[1]
        return widths

    def features(self, rows: Rows) -> Floats:
        """x², x and 1 of each number x and the indicators of all options, 0 where absent. `(n, features)`"""
        present = ~np.isnan(rows.shares)
        shares = np.where(present, rows.shares, 0.0)
        return np.concatenate([shares**2, shares, present, self.indicators(rows)], axis=1)

    def indicators(self, rows: Rows) -> npt.NDArray[np.bool_]:
        """Whether a row has each option of each choice, choice by choice. `(n, options)`"""
        found: npt.NDArray[np.bool_] = rows.options[:, self.choice_of_option] == self.options
        return found

    def options_at(self, units: Floats) -> Places:
        """The options at units in [0, 1) of each choice's own shares, before anything is learned. `(n, choices)`"""
        even = np.floor(units * self.option_counts).astype(np.int64)
        return np.where(np.isnan(self._true_from), even, units >= self._true_from)

    def _stage(self, conditions: tuple[tuple[str, bool], ...]) -> Stage:
        numbers, choices = (
            np.array([column for column, at in enumerate(axes) if tuple(at.conditions.items()) == conditions], np.int64)
            for axes in (self._numbers, self._choices)
        )
        of_numbers = [part * self.numbers + numbers for part in range(3)]
        of_choices = 3 * self.numbers + np.flatnonzero(np.isin(self.choice_of_option, choices))
        gates = tuple((self._column[gate], needed) for gate, needed in conditions)
        return Stage(gates, numbers, choices, np.concatenate([*of_numbers, of_choices]))


def _shares_of_options(dimension: Dimension) -> Floats:
    if dimension.chance is not None:
        return np.array([1 - dimension.chance, dimension.chance])
    count = len(options_of(dimension))
    return np.full(count, 1 / count)
