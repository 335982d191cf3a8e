"""Reading CSV: UTF-8, a header row, commas (or semicolons or tabs), plain or gzipped.

Two parsers read it. Python's counts cells, row by row, and knows where it is, which polars does not say; polars reads
the values, faster. A file that they read differently is refused.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polars
from polars import DataFrame

from regtune.study.values import shown
from service.datasets.cells import stripped
from service.datasets.errors import FILE, NOT_READABLE, TOO_LARGE, UNSUPPORTED_TYPE, refused
from service.datasets.limits import Limits

_SEPARATORS = ",;\t"


def read_csv(path: Path, limits: Limits, *, gzipped: bool) -> DataFrame:
    """The table of a CSV file: texts, null where a cell is empty.

    Raises:
        InvalidDataset: it cannot be read, or holds more than it may.
    """
    content = _content(path, limits, gzipped=gzipped)
    separator = max(_SEPARATORS, key=io.BytesIO(content).readline().decode().count)
    csv.field_size_limit(limits.cell_bytes)
    lines = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline="")
    records = csv.reader(lines, delimiter=separator, strict=True)
    try:
        names = _names(next(records, []), limits)
        blank = _blank_rows(records, len(names), limits)
    except csv.Error as cause:
        raise refused(FILE, NOT_READABLE, f"line {records.line_num} is no CSV: {cause}") from cause
    frame = _frame(content, separator)
    if (frame.height, frame.width) != (len(blank), len(names)):
        raise refused(FILE, NOT_READABLE, "rows end in more than one way; write one line feed after each")
    frame.columns = names
    return frame.filter(~polars.Series(blank)) if any(blank) else frame


def _content(path: Path, limits: Limits, *, gzipped: bool) -> bytes:
    """The bytes of the CSV, known to be UTF-8, from its header on."""
    try:
        with gzip.open(path) if gzipped else path.open("rb") as file:
            content = file.read(limits.content_bytes + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as cause:
        raise refused(FILE, NOT_READABLE, f"the gzip file is cut off or damaged: {cause}") from cause
    if len(content) > limits.content_bytes:
        raise refused(FILE, TOO_LARGE, f"the file unpacks to more than the {limits.content_bytes} bytes allowed")
    if b"\x00" in content:
        raise refused(FILE, UNSUPPORTED_TYPE, "the file holds bytes of zero: it is no CSV in UTF-8")
    try:
        content.decode()
    except UnicodeDecodeError as cause:
        raise refused(FILE, NOT_READABLE, f"the file is not UTF-8 at byte {cause.start}; save it as UTF-8") from cause
    return content.removeprefix(codecs.BOM_UTF8).lstrip(b"\r\n")


def _names(header: list[str], limits: Limits) -> list[str]:
    """The names of the columns; one without, as a data frame's index has, is called by its place."""
    if len(header) > limits.columns:
        raise refused(FILE, TOO_LARGE, f"the header has {len(header)} columns; allowed are {limits.columns}")
    names = [name.strip() or f"column_{place}" for place, name in enumerate(header, start=1)]
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise refused(FILE, "duplicate", f"the header names {', '.join(map(shown, twice[:5]))} more than once")
    if not names:
        raise refused(FILE, "empty", "the file has no header row")
    return names


def _blank_rows(records: Iterator[list[str]], width: int, limits: Limits) -> list[bool]:
    """For each row whether it is a blank line.

    Raises:
        InvalidDataset: there is no row, there are too many, or one has another number of cells than the header.
        csv.Error: the text is no CSV.
    """
    blank: list[bool] = []
    for row, cells in enumerate(records, start=1):
        blank.append(not cells or (len(cells) == 1 < width and not cells[0].strip()))
        if len(cells) != width and not blank[-1]:
            raise refused(
                FILE,
                "ragged",
                f"row {row} has {len(cells)} cells and the header {width} (rows count from 1 after the header); "
                "is the file cut off, or a cell with the separator in it not in quotes?",
            )
        if row > limits.rows:
            raise refused(FILE, TOO_LARGE, f"the file has more than the {limits.rows} rows allowed")
    if all(blank):
        raise refused(FILE, "empty", "the file has a header and no rows")
    return blank


def _frame(content: bytes, separator: str) -> DataFrame:
    try:
        frame = polars.read_csv(content, separator=separator, infer_schema=False)
    except polars.exceptions.PolarsError as cause:
        raise refused(FILE, NOT_READABLE, f"the file is no CSV: {str(cause).splitlines()[0]}") from cause
    return DataFrame([stripped(column) for column in frame.get_columns()])
