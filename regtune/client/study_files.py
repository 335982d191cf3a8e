"""Study files: a definition whose data set may lie beside it, uploaded once by its content."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from regtune.client.client import Client
from regtune.client.errors import ProblemError
from regtune.errors import FieldError, InvalidStudy
from regtune.nearest import suggestion

_KEYS = ("path", "name", "target", "task", "columns", "weight", "group", "time", "missing")
_DATASET = "/dataset"
_PARTS_OF_UPLOAD = {"/meta": _DATASET, "/file": f"{_DATASET}/path"}


def with_dataset_uploaded(client: Client, definition: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The definition with the id of its data set in the place of a path, relative to the study file's folder.

    Raises:
        InvalidStudy: the path is no file that can be read, stands beside unknown keys, or the data set is refused.
    """
    dataset = definition.get("dataset")
    if not isinstance(dataset, Mapping):
        return dict(definition)
    path = _checked(dataset, folder)
    meta = {name: value for name, value in dataset.items() if name != "path"}
    try:
        return {**definition, "dataset": client.upload_dataset(path, **meta)["id"]}
    except ProblemError as problem:
        if not problem.errors:
            raise
        raise InvalidStudy(map(_in_the_study_file, problem.errors)) from problem


def _checked(dataset: Mapping[str, Any], folder: Path) -> Path:
    unknown = next((str(key) for key in dataset if key not in _KEYS), None)
    if unknown is not None:
        message = f'a data set of a study file has no "{unknown}"; {suggestion(unknown, _KEYS)}'
        raise _refused(unknown, "unknown_key", message)
    if not isinstance(dataset.get("path"), str):
        raise _refused("path", "missing", "say where the file lies: {path: train.csv, target: y}")
    path = folder / str(dataset["path"])
    if not path.is_file():
        raise _refused("path", "unknown_name", f"there is no file {path}")
    if not os.access(path, os.R_OK):
        raise _refused("path", "unknown_name", f"the file {path} may not be read")
    return path


def _refused(key: str, code: str, message: str) -> InvalidStudy:
    return InvalidStudy([FieldError(f"{_DATASET}/{key}", code, message)])


def _in_the_study_file(fault: FieldError) -> FieldError:
    """What is wrong with an upload, at the place where the study file says it."""
    part, slash, rest = fault.pointer[1:].partition("/")
    return FieldError(f"{_PARTS_OF_UPLOAD.get(f'/{part}', _DATASET)}{slash}{rest}", fault.code, fault.message)
