"""The address of the embedded API: which port is free, how a client names it, whether it answers."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request

from service.embedded.errors import PortTaken

_PROBE_SECONDS = 1.0


def free_port(host: str, port: int) -> int:
    """The port itself when it can be listened on; for 0, one that is free now.

    Raises:
        PortTaken: somebody listens there, or the host is not one of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As the server does: a port in TIME_WAIT after a restart is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as cause:
            raise PortTaken(host, port, cause) from cause
        found: int = probe.getsockname()[1]
        return found


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
