"""The data folder: one directory that holds all that an embedded deployment keeps, used by one supervisor at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.embedded.errors import FolderInUse, FolderUnusable

_LOCK = "up.lock"


@contextmanager
def held(folder: Path) -> Iterator[Path]:
    """Makes the folder (mode 0700), holds it while the block runs and gives its absolute path.

    The kernel drops the lock with the process, so that a killed supervisor leaves nothing to clean up.

    Raises:
        FolderInUse: another supervisor holds it; the message says which process.
        FolderUnusable: it cannot be made or written to.
    """
    folder = folder.absolute()
    descriptor = _opened(folder)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as cause:
            raise FolderInUse(folder, os.read(descriptor, 32).decode().strip()) from cause
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        except OSError as cause:
            raise FolderUnusable(folder, cause.strerror or str(cause)) from cause
        yield folder
    finally:
        os.close(descriptor)


def _opened(folder: Path) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        # Not truncated on opening: the number in it belongs to whoever holds the lock.
        return os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as cause:
        raise FolderUnusable(folder, cause.strerror or str(cause)) from cause
