"""What the tests of uploads share: reading bytes as an upload, and the errors that it is refused with."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from regtune.errors import FieldError
from service.datasets import ImportedDataset, InvalidDataset, Limits, parse_meta
from service.datasets.reading import read_upload
from service.datasets.upload import Upload

Read = Callable[..., ImportedDataset]
Refuse = Callable[..., FieldError]


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """Where the rows of an upload are written."""
    return tmp_path / "stored"


@pytest.fixture(autouse=True)
def _csv_limit() -> Iterator[None]:
    """Leaves Python's own limit as it was: reading sets it for its process, which is this one here."""
    before = csv.field_size_limit()
    yield
    csv.field_size_limit(before)


@pytest.fixture
def read(tmp_path: Path, stored: Path) -> Read:
    """Reads bytes as an upload, in this process; keywords are of meta, `limits` aside."""

    def run(content: bytes, filename: str = "table.csv", limits: Limits | None = None, **meta: Any) -> ImportedDataset:
        path = tmp_path / "upload"
        path.write_bytes(content)
        said = parse_meta(json.dumps({"name": "a table", **meta}))
        return read_upload(Upload(path, filename, said, stored), limits or Limits())

    return run


@pytest.fixture
def refuse(read: Read) -> Refuse:
    """The one error that an upload is refused with."""

    def run(*arguments: Any, **keywords: Any) -> FieldError:
        with pytest.raises(InvalidDataset) as raised:
            read(*arguments, **keywords)
        (error,) = raised.value.errors
        return error

    return run


@pytest.fixture
def npz() -> Callable[..., bytes]:
    """The bytes of an NPZ file that numpy writes."""

    def pack(**arrays: Any) -> bytes:
        packed = io.BytesIO()
        np.savez_compressed(packed, **arrays)
        return packed.getvalue()

    return pack
