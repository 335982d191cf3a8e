"""Arrays: what an NPZ holds, checked to be rows of a table or images, each with a target."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from polars import Boolean, DataFrame, Series, String
from polars.exceptions import PolarsError

from service.datasets.cells import stripped, without
from service.datasets.errors import FILE, META, TARGET, TOO_LARGE, refused
from service.datasets.images import import_images
from service.datasets.imported import ImportedDataset
from service.datasets.limits import Limits
from service.datasets.meta import DatasetMeta
from service.datasets.table import TableImport

TARGET_NAME = "y"
_MOST_CHANNELS_LAST = 4

Array = NDArray[Any]


def import_arrays(arrays: Mapping[str, Array], meta: DatasetMeta, limits: Limits, destination: Path) -> ImportedDataset:
    """Imports `X` `[N, F]` as a table, or `[N, H, W]` or `[N, C, H, W]` as images; test rows are those of `X_test`.

    Raises:
        InvalidDataset: shapes do not fit each other, meta says what arrays do not have, or the rows make no data set.
    """
    _check_meta(meta)
    _check_shapes(arrays, limits)
    own_test = "X_test" in arrays
    inputs = [arrays[name] for name in ("X", "X_test") if name in arrays]
    targets = Series(TARGET_NAME, np.concatenate([arrays[name] for name in ("y", "y_test") if name in arrays]).ravel())
    targets = without(_cells(targets), meta.missing)
    test = Series(np.arange(len(targets)) >= len(inputs[0])) if own_test else None
    if inputs[0].ndim > 2:
        return import_images([_with_channels(part) for part in inputs], targets, test, meta, limits, destination)
    table = np.concatenate(inputs).astype(np.float64)
    frame = DataFrame({f"x{place}": table[:, place] for place in range(table.shape[1])}, nan_to_null=True)
    importer = TableImport(meta, limits, typed=True, test=test)
    return importer.run(frame.with_columns(targets), TARGET_NAME, destination)


def _check_meta(meta: DatasetMeta) -> None:
    if meta.target not in (None, TARGET_NAME):
        raise refused(
            TARGET, "unknown_name", f'the target of an NPZ file is its array "{TARGET_NAME}"; leave target out'
        )
    if meta.columns:
        raise refused(f"{META}/columns", "not_available", "the columns of an NPZ file have no names; leave columns out")


def _check_shapes(arrays: Mapping[str, Array], limits: Limits) -> None:
    shape = arrays["X"].shape
    if not 2 <= len(shape) <= 4:
        raise refused(
            FILE, "wrong_shape", f"X has the shape {list(shape)}; allowed are [N, F], [N, H, W], [N, C, H, W]"
        )
    if 0 in shape:
        raise refused(FILE, "empty", f"X has the shape {list(shape)}: it holds nothing")
    if len(shape) == 4 and shape[3] <= _MOST_CHANNELS_LAST < shape[1]:
        raise refused(
            FILE,
            "wrong_shape",
            f"X has the shape {list(shape)}, channels last; they come second: X.transpose(0, 3, 1, 2)",
        )
    if shape[0] > limits.rows:
        raise refused(FILE, TOO_LARGE, f"X has {shape[0]} rows; allowed are {limits.rows}")
    if len(shape) == 2 and shape[1] > limits.columns:
        raise refused(FILE, TOO_LARGE, f"X has {shape[1]} columns; allowed are {limits.columns}")
    if arrays["X"].size > limits.numbers:
        raise refused(FILE, TOO_LARGE, f"X holds {arrays['X'].size} numbers; allowed are {limits.numbers}")
    if "X_test" in arrays and (arrays["X_test"].shape[1:] != shape[1:] or len(arrays["X_test"]) == 0):
        tested = list(arrays["X_test"].shape)
        raise refused(
            FILE, "wrong_shape", f"X_test has the shape {tested} and X {list(shape)}; their rows must be alike"
        )
    for name in ("y", "y_test"):
        if name in arrays:
            _check_targets(arrays[name], name, len(arrays[name.replace("y", "X")]))


def _check_targets(targets: Array, name: str, rows: int) -> None:
    if targets.shape not in ((rows,), (rows, 1)):
        raise refused(
            FILE, "wrong_shape", f"{name} has the shape {list(targets.shape)}; it must be [{rows}], one a row"
        )


def _cells(targets: Series) -> Series:
    """Texts, or numbers; of bytes and of booleans their names."""
    if targets.dtype == Boolean:
        return targets.cast(String)
    if targets.dtype.is_numeric():
        return targets
    try:
        return stripped(targets.cast(String))
    except PolarsError as cause:
        raise refused(FILE, "wrong_characters", "y holds bytes that are no UTF-8") from cause


def _with_channels(images: Array) -> Array:
    return images[:, None] if images.ndim == 3 else images
