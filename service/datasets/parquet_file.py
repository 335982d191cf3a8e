"""Reading Parquet: what it declares is checked before anything is unpacked."""

from __future__ import annotations

from pathlib import Path

import polars
from polars import DataFrame, DataType, Float64, Series, String

from regtune.study.reading import Findings, below
from regtune.study.values import shown
from service.datasets.cells import stripped
from service.datasets.errors import FILE, META, NOT_READABLE, TOO_LARGE, InvalidDataset, refused
from service.datasets.limits import Limits
from service.datasets.meta import DatasetMeta

_NUMBER_BYTES = 8
_AS_TEXT = (polars.Boolean, polars.Categorical, polars.Enum, polars.Date, polars.Datetime, polars.Time, polars.Null)


def read_parquet(path: Path, meta: DatasetMeta, limits: Limits) -> DataFrame:
    """The table of a Parquet file: float64 columns, and texts, null where a cell is empty; ignored ones are not read.

    Raises:
        InvalidDataset: it cannot be read, holds more than it may, or has columns that are neither numbers nor texts.
    """
    try:
        schema = polars.read_parquet_schema(path)
        lazy = polars.scan_parquet(path)
        rows = int(lazy.select(polars.len()).collect().item())
        _check_size(rows, len(schema), limits)
        ignored = {name for name in schema if meta.columns.get(name) == "ignore"}
        _check_types({name: dtype for name, dtype in schema.items() if name not in ignored})
        frame = lazy.select(polars.lit(None).alias(name) if name in ignored else name for name in schema).collect()
    except polars.exceptions.PolarsError as cause:
        raise refused(FILE, NOT_READABLE, f"the Parquet file cannot be read: {str(cause).splitlines()[0]}") from cause
    return DataFrame([_cells(series, limits) for series in frame.get_columns()])


def _check_size(rows: int, columns: int, limits: Limits) -> None:
    if rows == 0:
        raise refused(FILE, "empty", "the file has no rows")
    if rows > limits.rows:
        raise refused(FILE, TOO_LARGE, f"the file has {rows} rows; allowed are {limits.rows}")
    if columns > limits.columns:
        raise refused(FILE, TOO_LARGE, f"the file has {columns} columns; allowed are {limits.columns}")
    if rows * columns * _NUMBER_BYTES > limits.content_bytes:
        raise refused(
            FILE, TOO_LARGE, f"{rows} rows of {columns} columns unpack to more than {limits.content_bytes} bytes"
        )


def _check_types(schema: dict[str, DataType]) -> None:
    findings = Findings()
    for name, dtype in schema.items():
        if not (dtype.is_numeric() or dtype == String or isinstance(dtype, _AS_TEXT)):
            findings.refuse(
                below(f"{META}/columns", name),
                "wrong_type",
                f'{shown(name)} holds values of type {dtype}; allowed are numbers and texts, or the kind "ignore"',
            )
    if findings.errors:
        raise InvalidDataset(findings.errors)


def _cells(series: Series, limits: Limits) -> Series:
    if series.dtype.is_numeric():
        return series.cast(Float64).fill_nan(None)
    texts = series.cast(String)
    longest = texts.str.len_bytes().max()
    if isinstance(longest, int) and longest > limits.cell_bytes:
        raise refused(
            FILE, TOO_LARGE, f"a cell of {shown(series.name)} has {longest} bytes; allowed are {limits.cell_bytes}"
        )
    return stripped(texts)
