"""The address of the embedded API: the port that is kept for it, how a client names it, whether it answers."""

from __future__ import annotations

import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from service.embedded.errors import PortTaken

_PROBE_SECONDS = 1.0


@contextmanager
def kept_port(host: str, port: int) -> Iterator[int]:
    """Keeps the port for a server of ours while the block runs and gives its number; for 0, that of one that is free.

    A socket that is bound and does not listen keeps it: the kernel gives such a port to no connection and to nobody
    who asks for any port, also while no server listens there; and one that names it can listen, if it sets
    SO_REUSEADDR, as servers do.

    Raises:
        PortTaken: somebody listens there, or the host is not one of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as keeper:
        # Also, a port in TIME_WAIT after a restart is free.
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            keeper.bind((host, port))
        except OSError as cause:
            raise PortTaken(host, port, cause) from cause
        found: int = keeper.getsockname()[1]
        # Elsewhere than on Linux, SO_REUSEADDR does not let a second socket bind to the same address.
        if sys.platform != "linux":
            keeper.close()
        yield found


def url_of(host: str, port: int) -> str:
    """The URL that a client on this machine uses; a server on every address is reached on loopback."""
    if host in ("0.0.0.0", "::"):
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_ready(url: str) -> bool:
    """Whether the API there says that it and everything it needs are ready."""
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=_PROBE_SECONDS) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False
