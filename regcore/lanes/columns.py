"""Columns of a table: choosing whole ones, with all the features that preprocessing made of each.

A kind that needs them has `columns_of` as what it prepares; all else reads what that found.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from regcore.lanes.randomness import fold, permutation, uniform
from regcore.sites import Key, TrainingRows


def columns_of(rows: TrainingRows) -> dict[str, Tensor]:
    """`column` int64 `[F]`, the place of each feature's column among the D columns; `columns`, D places. Not of images.

    Where nobody says what a feature came from, it is a column of its own.
    """
    if rows.inputs.dim() != 2:
        return {}
    features = torch.arange(rows.inputs.shape[1])
    names, column = torch.unique(features if rows.columns is None else rows.columns, return_inverse=True)
    return {"column": column, "columns": torch.arange(len(names))}


def number_of_columns(known: Mapping[str, Tensor]) -> Tensor:
    """D as a tensor of no dimension, float32, for a lane's own numbers to be multiplied with."""
    return torch.ones_like(known["columns"], dtype=torch.float32).sum()


def whole_number_of(share: Tensor, known: Mapping[str, Tensor]) -> Tensor:
    """That share of the columns, rounded, at least one: a tensor of no dimension."""
    return torch.round(share * number_of_columns(known)).clamp(min=1)


def chosen(key: Key, rows: int, count: Tensor, known: Mapping[str, Tensor]) -> Tensor:
    """Which features are chosen, bool `[rows, F]`: all those of `count` columns, others for each row.

    All columns are put in one random order, in which each row takes those that follow a place of its own, the first
    after the last. So every set of that size is equally likely for a row, and no row needs an order of its own.
    """
    places = len(known["columns"])
    order = permutation(fold(key, 0), places)
    first = torch.floor(uniform(fold(key, 1), (rows, 1)) * places).to(torch.int64)
    behind = (order - first) % places
    return (behind < count)[:, known["column"]]


def of_each(draws: Tensor, known: Mapping[str, Tensor]) -> Tensor:
    """What was drawn for the columns `[rows, D]`, for each of their features `[rows, F]`."""
    return draws[:, known["column"]]
