"""The room on a device: how much memory is free there, and how many workers share it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

_USED_SHARE = 0.8
"""Of what is free: the formula is right to a fifth, and other programs grow too."""


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes that are free on a device, None where nobody can tell, and how many workers divide them up."""

    free: int | None
    workers: int = 1

    @property
    def share(self) -> int | None:
        """What one of the workers may fill with lanes."""
        return None if self.free is None else int(_USED_SHARE * self.free) // max(1, self.workers)


def free_bytes(device: str, root: Path = Path("/")) -> int | None:
    """The bytes that are free on a torch device; None where the system does not say.

    On a CPU that is what the machine has available or what the process's control groups leave it, whichever is less;
    `root` is where /proc and /sys lie. On a GPU, memory that torch holds and does not use counts as free.
    """
    if torch.device(device).type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        return free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    meminfo = root / "proc/meminfo"
    if not meminfo.exists():
        return None
    return max(0, min((_available(meminfo), *_left_by_groups(root))))


def _available(meminfo: Path) -> int:
    fields = dict(line.split(":", 1) for line in meminfo.read_text().splitlines() if ":" in line)
    return int(fields["MemAvailable"].split()[0]) * 1024


def _left_by_groups(root: Path) -> Iterator[int]:
    """What each control group of the process leaves of its limit (cgroup v2, and v1 as containers see it)."""
    for folder in _groups(root):
        for limit, used in (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes")):
            if (folder / limit).exists() and (folder / used).exists():
                most = (folder / limit).read_text().strip()
                if most != "max":
                    yield int(most) - int((folder / used).read_text()) + _reclaimable(folder / "memory.stat")


def _groups(root: Path) -> Iterator[Path]:
    """The folders of the process's own group and of those around it."""
    mounted = root / "sys/fs/cgroup"
    yield from (mounted, mounted / "memory")
    listed = root / "proc/self/cgroup"
    for line in listed.read_text().splitlines() if listed.exists() else ():
        number, _, path = line.split(":", 2)
        own = Path(path.lstrip("/"))
        if number == "0":
            yield from (mounted / inner for inner in (own, *own.parents) if inner != Path("."))


def _reclaimable(statistics: Path) -> int:
    """Cached files that nobody has read lately: a group's limit counts them, and gives them up first."""
    lines = statistics.read_text().splitlines() if statistics.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith("inactive_file ")), 0)
