"""What was written: size and digest of the stored file itself, by which a reader knows that it is undamaged."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any


def file_facts(path: Path) -> dict[str, Any]:
    """The file's size in bytes and the SHA-256 of its bytes."""
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}
