"""The processes of this machine, as Linux's /proc shows them: who is alive, and who started whom."""

from pathlib import Path

import pytest

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see which processes run")


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits to be collected does not."""
    try:
        return _fields(Path(f"/proc/{pid}/stat"))[0] not in "ZX"
    except FileNotFoundError:
        return False


def descendants_of(pid: int) -> set[int]:
    """The processes that a process started, and those that they started."""
    children = {child for child, parent in _parents().items() if parent == pid}
    return children.union(*(descendants_of(child) for child in children))


def _parents() -> dict[int, int]:
    found = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            found[int(entry.parent.name)] = int(_fields(entry)[1])
        except (FileNotFoundError, ProcessLookupError):
            # It ended while we looked.
            continue
    return found


def _fields(stat: Path) -> list[str]:
    """The fields after the command's name, which may hold spaces: the state, the parent…"""
    return stat.read_text().rpartition(") ")[2].split()


def peak_memory_bytes(pid: int) -> int:
    """The most memory that a process has held so far, shared libraries included."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))
