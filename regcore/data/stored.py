"""Reading the rows that an import stored: Parquet of tables, NPZ of images.

Parquet: numeric columns float64, categorical ones text, null where missing, and the target, float64 or the name of a
class; a table with test rows of its own marks them in a last column, boolean and without a name.
NPZ: `X` `[N, C, H, W]` and `y`, float64 or names of classes; test rows of its own are `X_test` and `y_test`.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars
from numpy.typing import NDArray

from regcore.data.errors import UnreadableRows
from regcore.data.rows import MISSING_CATEGORY, Column, Images, Rows, Table

_TEST_MARK = ""
_DAMAGED = (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile, polars.exceptions.PolarsError)


def read_rows(
    path: Path,
    *,
    kind: Literal["table", "image"],
    columns: Sequence[Mapping[str, Any]],
    target: str | None,
    task: Literal["classification", "regression", "multilabel"],
    classes: Sequence[str] | None,
) -> Rows:
    """The rows of a stored file, as the import described it; test rows that the file brought are left out.

    `columns` of a table have `name` and `kind` ("numeric", "categorical" or "ignore"); `classes` are in the order of
    the indices that targets become, and not used in a regression.

    Raises:
        UnreadableRows: the file is missing or damaged, or does not hold what it was described to hold.
    """
    names = None if task == "regression" or classes is None else tuple(classes)
    try:
        if kind == "image":
            return _read_images(path, names)
        return _read_table(path, [column for column in columns if column["kind"] != "ignore"], target or "", names)
    except _DAMAGED as cause:
        raise UnreadableRows(f"{path.name} cannot be read as the data set that was imported: {cause}") from cause


def _read_table(
    path: Path, described: Sequence[Mapping[str, Any]], target: str, classes: tuple[str, ...] | None
) -> Rows:
    frame = polars.read_parquet(path)
    own_test = _TEST_MARK in frame.columns
    if own_test:
        frame = frame.filter(~polars.col(_TEST_MARK))
    values = np.empty((frame.height, len(described)))
    columns = []
    for place, facts in enumerate(described):
        series = frame[facts["name"]]
        categories = tuple(series.drop_nulls().unique().sort()) if facts["kind"] == "categorical" else None
        values[:, place] = _numbers(series, categories)
        columns.append(Column(facts["name"], categories))
    return Rows(Table(values, tuple(columns)), _numbers(frame[target], classes), classes, own_test)


def _read_images(path: Path, classes: tuple[str, ...] | None) -> Rows:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        targets = polars.Series(arrays["y"])
        return Rows(Images(arrays["X"]), _numbers(targets, classes), classes, "X_test" in arrays)


def _numbers(series: polars.Series, names: tuple[str, ...] | None) -> NDArray[Any]:
    """The series as float64 with NaN for nulls, or, of texts, as the index of each among the names, −1 for nulls."""
    if names is None:
        return series.cast(polars.Float64).to_numpy()
    return series.cast(polars.Enum(names)).to_physical().cast(polars.Int64).fill_null(MISSING_CATEGORY).to_numpy()
