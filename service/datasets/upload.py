"""An upload: what the service hands to the process that reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.datasets.meta import DatasetMeta


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file, what its user calls it and says about it, and where its rows are to be written."""

    path: Path
    filename: str
    meta: DatasetMeta
    destination: Path

    def to_json(self) -> dict[str, Any]:
        """As a document that `from_json` reads back."""
        return {
            "path": str(self.path),
            "filename": self.filename,
            "meta": self.meta.to_json(),
            "destination": str(self.destination),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Upload:
        """The inverse of `to_json`."""
        return cls(
            path=Path(document["path"]),
            filename=document["filename"],
            meta=DatasetMeta.from_json(document["meta"]),
            destination=Path(document["destination"]),
        )
