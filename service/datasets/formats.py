"""Which sort of file an upload is: its name and its first bytes must agree."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from regtune.study.values import shown
from service.datasets.errors import FILE, TOO_LARGE, UNSUPPORTED_TYPE, refused
from service.datasets.limits import Limits

Format = Literal["csv", "csv.gz", "parquet", "npz"]

_ENDINGS: dict[str, Format] = {".csv": "csv", ".csv.gz": "csv.gz", ".parquet": "parquet", ".npz": "npz"}
_ALLOWED = ", ".join(_ENDINGS)
_FIRST_BYTES: dict[bytes, Format] = {b"\x1f\x8b": "csv.gz", b"PAR1": "parquet", b"PK": "npz"}
_PEEKED_BYTES = 4096


def format_of(path: Path, filename: str, limits: Limits) -> Format:
    """The format of an uploaded file that its user calls `filename`.

    Raises:
        InvalidDataset: it is empty, too large, or not what its name says.
    """
    said = next((found for ending, found in _ENDINGS.items() if filename.lower().endswith(ending)), None)
    if said is None:
        raise refused(FILE, UNSUPPORTED_TYPE, f"the file's name ends with one of {_ALLOWED}, got {shown(filename)}")
    size = path.stat().st_size
    if size == 0:
        raise refused(FILE, "empty", f"{shown(filename)} is empty")
    if size > limits.file_bytes:
        raise refused(FILE, TOO_LARGE, f"the file has {size} bytes; allowed are {limits.file_bytes}")
    with path.open("rb") as file:
        seen = _seen_in(file.read(_PEEKED_BYTES))
    if seen != said:
        raise refused(FILE, UNSUPPORTED_TYPE, f"{shown(filename)} holds {_described(seen)}, not what its name says")
    return said


def _seen_in(first: bytes) -> Format | None:
    """The format that a file with these first bytes has; None if it is none of ours."""
    for mark, found in _FIRST_BYTES.items():
        if first.startswith(mark):
            return found
    return None if b"\x00" in first else "csv"


def _described(seen: Format | None) -> str:
    return {"csv": "text", "csv.gz": "gzip", "parquet": "Parquet", "npz": "a zip archive", None: "binary data"}[seen]
