"""What an import found: the facts of a data set, its columns and its profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from service.datasets.meta import ColumnKind, ImportedTask


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """A column of a table other than its target; `distinct` are its different values, missing cells not counted."""

    name: str
    kind: ColumnKind
    missing: int
    distinct: int

    def to_json(self) -> dict[str, Any]:
        """As an entry of a data set's `columns`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ImportedDataset:
    """A data set that was read, checked and written in the form that workers read.

    `digest` is the SHA-256 of its content: columns, kinds, target, task, values and test rows of its own, whatever
    file they came in. `shape` is that of one row, of a table the number of columns that are used. `rows` and
    `class_counts` leave out test rows of its own (`own_test`). `profile` has `columns`, `target` or `pixels`,
    `warnings`, and `file`: size and SHA-256 of what was written.
    """

    digest: str
    kind: Literal["table", "image"]
    task: ImportedTask
    shape: tuple[int, ...]
    rows: int
    classes: tuple[str, ...] | None
    class_counts: tuple[int, ...] | None
    columns: tuple[ColumnFacts, ...]
    target: str
    own_test: bool
    profile: Mapping[str, Any]

    @property
    def suffix(self) -> str:
        """The ending of the stored file: `.parquet` of a table, `.npz` of images."""
        return ".parquet" if self.kind == "table" else ".npz"

    def to_json(self) -> dict[str, Any]:
        """As a document that `from_json` reads back."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> ImportedDataset:
        """The inverse of `to_json`."""
        lists = {
            name: None if document[name] is None else tuple(document[name])
            for name in ("shape", "classes", "class_counts")
        }
        columns = tuple(ColumnFacts(**column) for column in document["columns"])
        return cls(**{**document, **lists, "columns": columns})
