"""The resident memory of the processes that a benchmark has started, by what each of them is."""

from __future__ import annotations

import os
from pathlib import Path

_PARTS = {
    "spawn_main": "training process",
    "service.coordinator": "coordinator",
    "worker.command": "worker",
    "service.api": "api",
    "valkey": "broker",
}
"""What a part of the service runs, and what it is called."""

_KILOBYTE = 1024


def resident_bytes() -> dict[str, int]:
    """Resident bytes of every descendant of this process, by its part and number: "worker 4711". Linux only."""
    parents, commands = {}, {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                commands[int(folder.name)] = (folder / "cmdline").read_text()
            except OSError:
                continue  # it ended meanwhile
    family = {os.getpid()}
    while born := {number for number, parent in parents.items() if parent in family} - family:
        family |= born
    found = {number: _resident(number) for number in sorted(family - {os.getpid()})}
    return {f"{_part(commands[number])} {number}": size for number, size in found.items() if size}


def _resident(number: int) -> int:
    """Bytes; 0 for a process that has ended."""
    try:
        lines = Path(f"/proc/{number}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * _KILOBYTE for line in lines if line.startswith("VmRSS:"))


def _part(command: str) -> str:
    return next((part for word, part in _PARTS.items() if word in command), "supervisor")
