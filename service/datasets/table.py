"""Tables: columns and target read, digested and written as Parquet."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from polars import DataFrame, Series

from regtune.study.reading import Findings
from regtune.study.values import shown
from service.datasets.cells import without
from service.datasets.columns import ColumnReader, ReadColumn
from service.datasets.digests import digest_of
from service.datasets.errors import FILE, META, TOO_LARGE, InvalidDataset, refused
from service.datasets.imported import ImportedDataset
from service.datasets.limits import Limits
from service.datasets.meta import DatasetMeta
from service.datasets.profile import target_profile
from service.datasets.targets import Target, read_target
from service.datasets.written import file_facts

TEST_MARK = ""
"""The name of the stored column that marks test rows that the file brought; no column of a user has an empty name."""

MOST_CATEGORIES = 255
"""Inputs that a categorical column becomes at most in training, where the rarest categories then share one."""

_LISTED_COLUMNS = 10


class TableImport:
    """Imports a table; `typed` is whether its file itself tells texts from numbers.

    `test` flags test rows that the file brought, None where it brought none.
    """

    def __init__(self, meta: DatasetMeta, limits: Limits, *, typed: bool, test: Series | None = None) -> None:
        self._limits = limits
        self._task = meta.task
        self._missing = meta.missing
        self._test = test
        self._findings = Findings()
        self._reader = ColumnReader(meta, self._findings, typed, test)

    def run(self, frame: DataFrame, target_name: str, destination: Path) -> ImportedDataset:
        """Reads a table of texts and float64 numbers and writes it.

        Raises:
            InvalidDataset: it makes no data set.
        """
        target = self._read_target(frame[target_name])
        columns = [self._reader.read(series) for series in frame.drop(target_name)]
        if self._findings.errors:
            raise InvalidDataset(self._findings.errors)
        used = [column for column in columns if column.facts.kind != "ignore"]
        self._check_size(frame.height, used)
        stored = DataFrame([*(column.cells for column in used), target.cells.alias(target_name)])
        if self._test is not None:
            stored = stored.with_columns(self._test.alias(TEST_MARK))
        packed = io.BytesIO()
        stored.write_parquet(packed, statistics=False)
        # Written by Python, a full disk and a passed limit are told apart.
        destination.write_bytes(packed.getbuffer())
        return ImportedDataset(
            digest=digest_of(_header(used, target_name, target), stored),
            kind="table",
            task=target.task,
            shape=(len(used),),
            rows=frame.height if self._test is None else int((~self._test).sum()),
            classes=target.classes,
            class_counts=target.class_counts,
            columns=tuple(column.facts for column in columns),
            target=target_name,
            own_test=self._test is not None,
            profile={
                "columns": [column.profile for column in columns],
                "target": target_profile(target_name, target),
                "warnings": _warnings(columns),
                "file": file_facts(destination),
            },
        )

    def _read_target(self, cells: Series) -> Target:
        return read_target(without(cells, self._missing), self._task, self._limits, self._test)

    def _check_size(self, rows: int, used: list[ReadColumn]) -> None:
        if not used:
            raise refused(FILE, "no_columns", "no column is left to predict the target from")
        inputs = sum(_inputs(column) for column in used)
        if rows * inputs > self._limits.numbers:
            raise refused(
                f"{META}/columns",
                TOO_LARGE,
                f"{rows} rows of {inputs} inputs, one a category, are more than {self._limits.numbers} numbers; "
                "ignore columns of many categories",
            )


def _warnings(columns: list[ReadColumn]) -> list[str]:
    """One warning for each remark, which names the columns that it is about."""
    names: dict[str, list[str]] = {}
    for column in columns:
        if column.remark is not None:
            names.setdefault(column.remark, []).append(shown(column.facts.name))
    return [f"{_listed(found)}: {remark}" for remark, found in names.items()]


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _LISTED_COLUMNS} more" if len(names) > _LISTED_COLUMNS else ""
    return f"column{'s' if len(names) > 1 else ''} {', '.join(names[:_LISTED_COLUMNS])}{more}"


def _inputs(column: ReadColumn) -> int:
    return min(column.facts.distinct + 1, MOST_CATEGORIES) if column.facts.kind == "categorical" else 1


def _header(used: list[ReadColumn], target_name: str, target: Target) -> dict[str, Any]:
    return {
        "kind": "table",
        "columns": [[column.facts.name, column.facts.kind] for column in used],
        "target": target_name,
        "task": target.task,
        "classes": target.classes,
    }
