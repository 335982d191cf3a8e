"""Splits: which rows train, which validate, and which are kept from every search.

Draws are made from the raw 64-bit words of PCG64 (O'Neill, 2014), which numpy promises never to change, and exact
integer arithmetic: the same on every machine and with every version.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regcore.data.errors import CannotSplit
from regcore.data.rows import Rows

_Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Indices:
    """The rows of each part, in ascending order; `test` is empty where a data set brought test rows of its own."""

    train: _Places
    validation: _Places
    test: _Places


def split_rows(
    rows: Rows, *, validation: float, test: float, stratify: bool, test_seed: int, split_seed: int
) -> Indices:
    """A holdout split into shares of all rows, rounded.

    The test rows depend on the rows, `test` and `test_seed` alone, and keep the shares of the classes whatever
    `stratify` says, which is about the validation rows: these are drawn by `split_seed` from the rest. Where classes
    are so small that not even one row of each could stay behind, rows are drawn without regard to class.

    Raises:
        CannotSplit: training or validation would have no row.
    """
    test_count = 0 if rows.own_test else round(len(rows) * test)
    validation_count = round(len(rows) * validation)
    if validation_count < 1 or len(rows) - test_count - validation_count < 1:
        raise CannotSplit(
            f"{len(rows)} rows give {test_count} for test and {validation_count} for validation; at least one is "
            "needed for validation and one must be left for training"
        )
    classes = None if rows.classes is None else rows.targets
    everyone = np.arange(len(rows), dtype=np.int64)
    test_rows = _draw(everyone, classes, test_count, test_seed)
    rest = np.setdiff1d(everyone, test_rows, assume_unique=True)
    validation_rows = _draw(rest, classes if stratify else None, validation_count, split_seed)
    return Indices(np.setdiff1d(rest, validation_rows, assume_unique=True), validation_rows, test_rows)


def _draw(candidates: _Places, classes: _Places | None, count: int, seed: int) -> _Places:
    """`count` of the candidates, each class by its share where `classes`, indexed by row, is given."""
    shuffled = candidates[np.argsort(np.random.PCG64(seed).random_raw(len(candidates)), kind="stable")]
    if classes is not None:
        _, found, sizes = np.unique(classes[shuffled], return_inverse=True, return_counts=True)
        quotas = _quotas(sizes, count)
        if quotas is not None:
            shuffled = shuffled[_places_in_class(found, sizes) < quotas[found]]
    return np.sort(shuffled[:count])


def _quotas(sizes: _Places, count: int) -> _Places | None:
    """How many rows of each class to draw, within one of its exact share; None where a class would lose all its rows.

    Largest remainders: each class gets its share rounded down, and those that lost most by it one more, the larger
    class first on ties.
    """
    quotas, remainders = np.divmod(sizes * count, sizes.sum())
    by_remainder = np.lexsort((-sizes, -remainders))
    may_give_one_more = by_remainder[(quotas + 1 < sizes)[by_remainder]]
    left = count - int(quotas.sum())
    if left > len(may_give_one_more):
        return None
    quotas[may_give_one_more[:left]] += 1
    return quotas


def _places_in_class(found: _Places, sizes: _Places) -> _Places:
    """For each row its place, from 0, among the rows of its class."""
    places = np.empty(len(found), dtype=np.int64)
    begins = np.cumsum(sizes) - sizes
    places[np.argsort(found, kind="stable")] = np.arange(len(found)) - np.repeat(begins, sizes)
    return places
