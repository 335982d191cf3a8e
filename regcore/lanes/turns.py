"""Turns: of all processes that want the same thing made, one makes it while the others wait or make something else.

The kernel drops a lock with the process that holds it, so that one that is killed leaves nothing to clean up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from filelock import FileLock, Timeout

LOCKS = "turns"
"""Where the locks lie in the folder of what is made. They stay there: a lock file made anew would be another lock."""

_LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Part:
    """Something to be made by `make`; `name` is the same in every process that would make the same."""

    name: str
    make: Callable[[], object]


def wait_patiently() -> None:
    """What a process does while it waits for its turn that need ask nobody whether to go on waiting."""


@contextmanager
def turn(name: str, folder: Path, while_waiting: Callable[[], None]) -> Iterator[None]:
    """Runs the block while no other process is in one of the same name and folder.

    `while_waiting` is called twice a second until then; what it raises ends the waiting.
    """
    lock = _lock(name, folder)
    while not _taken(lock):
        while_waiting()
        time.sleep(_LOOK_SECONDS)
    try:
        yield
    finally:
        lock.release()


def make_all(parts: Sequence[Part], folder: Path) -> None:
    """Makes every part, in order, but puts off those that another process is making as long as there are others."""
    left = list(parts)
    while left:
        locks = [_lock(part.name, folder) for part in left]
        free = next((place for place, lock in enumerate(locks) if _taken(lock)), None)
        try:
            left.pop(free or 0).make()
        finally:
            if free is not None:
                locks[free].release()


def _lock(name: str, folder: Path) -> FileLock:
    locks = folder / LOCKS
    locks.mkdir(parents=True, exist_ok=True)
    return FileLock(locks / sha256(name.encode()).hexdigest())


def _taken(lock: FileLock) -> bool:
    """Whether the lock was free, and is ours now."""
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    return True
