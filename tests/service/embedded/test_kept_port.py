"""A kept port: it belongs to whoever keeps it, whether a server listens there at the moment or not."""

from __future__ import annotations

import errno
import os
import socket
import sys

import pytest

from service.embedded.address import kept_port
from service.embedded.errors import PortTaken

HOST = "127.0.0.1"
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the port is only looked for, not kept")


def test_servers_listen_on_a_kept_port_one_after_the_other() -> None:
    with kept_port(HOST, 0) as port:
        for _ in range(2):
            with socket.create_server((HOST, port)), socket.create_connection((HOST, port), timeout=10):
                pass


@on_linux
def test_a_kept_port_is_not_free_for_others() -> None:
    # Without SO_REUSEADDR, as the kernel looks for a port that nobody has.
    in_use = os.strerror(errno.EADDRINUSE)
    with kept_port(HOST, 0) as port, socket.socket() as other, pytest.raises(OSError, match=in_use):
        other.bind((HOST, port))


def test_a_port_that_somebody_listens_on_cannot_be_kept() -> None:
    with (
        socket.create_server((HOST, 0)) as taken,
        pytest.raises(PortTaken, match="choose another port, or --port 0"),
        kept_port(HOST, taken.getsockname()[1]),
    ):
        pass


def test_a_host_of_another_machine_cannot_be_kept() -> None:
    with pytest.raises(PortTaken, match=r"cannot listen on 192\.0\.2\.1:0"), kept_port("192.0.2.1", 0):
        pass
