"""What a user says about an upload: the `meta` part of the multipart request, parsed strictly."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from regtune.study.reading import Fields, Findings
from regtune.study.values import shown
from service.datasets.errors import META, InvalidDataset, refused

ColumnKind = Literal["numeric", "categorical", "ignore"]
ImportedTask = Literal["classification", "regression"]

COLUMN_KINDS: tuple[ColumnKind, ...] = ("numeric", "categorical", "ignore")
_TASKS: tuple[ImportedTask, ...] = ("classification", "regression")
_LONGEST_NAME = 200
_LONGEST_COLUMN_NAME = 1_000
_MOST_MISSING_WORDS = 100
_LATER = ("weight", "group", "time")


@dataclass(frozen=True, slots=True)
class DatasetMeta:
    """What the user said; `target` and `task` are None where they did not, `missing` are words for no value."""

    name: str
    target: str | None
    task: ImportedTask | None
    columns: Mapping[str, ColumnKind]
    missing: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As a document that `from_json` reads back."""
        return {
            "name": self.name,
            "target": self.target,
            "task": self.task,
            "columns": dict(self.columns),
            "missing": list(self.missing),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> DatasetMeta:
        """The inverse of `to_json`: a document that was checked before."""
        return cls(**{**document, "missing": tuple(document["missing"])})


def parse_meta(text: str | bytes, reserved: Collection[str] = ()) -> DatasetMeta:
    """The meta part of an upload; `reserved` are names that no upload may take, those of bundled data sets.

    Raises:
        InvalidDataset: it is no JSON object of the keys that the contract lists, each of its type.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as cause:
        raise refused(META, "wrong_type", f"meta is a JSON object, and this is no JSON: {cause}") from cause
    findings = Findings()
    fields = Fields(document, META, findings, noun="meta")
    meta = DatasetMeta(
        name=_name(fields, reserved),
        target=fields.text("target", "", longest=_LONGEST_COLUMN_NAME) if fields.get("target") is not None else None,
        task=_task(fields),
        columns=_columns(fields),
        missing=_missing(fields),
    )
    if meta.target in meta.columns:
        findings.refuse(
            fields.at("target"),
            "conflict",
            f'"{meta.target}" is the target; its kind follows from `task`, not `columns`',
        )
    for key in _LATER:
        if fields.get(key) is not None:
            fields.refuse(key, "not_available", f"{key} is not available yet; leave it out")
    fields.finish()
    if findings.errors:
        raise InvalidDataset(findings.errors)
    return meta


def _name(fields: Fields, reserved: Collection[str]) -> str:
    if not fields.has("name"):
        fields.refuse("name", "missing", "a data set has a name, by which studies refer to it")
        return ""
    name = fields.text("name", "", longest=_LONGEST_NAME)
    if "@" in name:
        fields.refuse(
            "name", "wrong_characters", f'a name holds no "@", which parts it from a digest; got {shown(name)}'
        )
    if name in reserved:
        fields.refuse("name", "duplicate", f"{shown(name)} is the name of a bundled data set; choose another")
    return name


def _task(fields: Fields) -> ImportedTask | None:
    if fields.get("task") is None:
        return None
    named = fields.one_of("task", _TASKS, _TASKS[0], later=("multilabel",))
    return next(task for task in _TASKS if task == named)


def _columns(fields: Fields) -> dict[str, ColumnKind]:
    document = fields.get("columns")
    if document is None:
        return {}
    if not isinstance(document, Mapping):
        fields.refuse("columns", "wrong_type", f"columns is an object of column names and kinds, got {shown(document)}")
        return {}
    columns = Fields(document, fields.at("columns"), fields.findings, noun="columns")
    named = {str(column): columns.one_of(str(column), COLUMN_KINDS, "ignore") for column in document}
    return {column: next(kind for kind in COLUMN_KINDS if kind == name) for column, name in named.items()}


def _missing(fields: Fields) -> tuple[str, ...]:
    document = fields.get("missing")
    words = [document] if isinstance(document, str) else [] if document is None else document
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        fields.refuse(
            "missing", "wrong_type", f'missing is a text, such as "NA", or a list of texts, got {shown(words)}'
        )
        return ()
    if len(words) > _MOST_MISSING_WORDS:
        fields.refuse("missing", "above_maximum", f"missing has at most {_MOST_MISSING_WORDS} texts, got {len(words)}")
        return ()
    return tuple(word.strip() for word in words)
