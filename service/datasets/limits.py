"""What one upload may cost: sizes of what it holds, and the resources of the process that reads it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

_MIB = 1024**2
_GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Limits:
    """Each is the largest allowed.

    `file_bytes` are those of the upload, `content_bytes` those it unpacks to; `numbers` are those that training holds
    in memory: rows times inputs, a category counting as one input each; `memory_bytes` is the address space of the
    process that reads, `output_bytes` what it may write to one file.
    """

    file_bytes: int = 512 * _MIB
    content_bytes: int = 1 * _GIB
    rows: int = 5_000_000
    columns: int = 10_000
    cell_bytes: int = 10_000
    classes: int = 1_000
    numbers: int = 1_000_000_000
    memory_bytes: int = 8 * _GIB
    output_bytes: int = 2 * _GIB
    cpu_seconds: int = 300
    wall_seconds: float = 300.0

    def to_json(self) -> dict[str, Any]:
        """As the process that reads is told."""
        return asdict(self)


DEFAULT_LIMITS = Limits()
