"""The coordinator's side of a real broker: what it publishes, and that it never waits long for one that is away."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from redis import Redis
from waiting import wait_until

from service.coordinator.broker import MESSAGE_EXPIRES_SECONDS, Broker
from service.coordinator.errors import BrokerUnreachable
from service.embedded.broker import answers, find_server, server_arguments, socket_path, url_of

PREFIX = "test:"


class Server:
    """A broker's server on a socket of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.path = socket_path(folder)
        self._program = find_server()
        if self._program is None:
            pytest.skip("no valkey-server or redis-server is installed")
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen([str(self._program), *server_arguments(self.path)], stdout=subprocess.DEVNULL)
        wait_until(lambda: answers(self.path), within_seconds=10.0)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.path.unlink(missing_ok=True)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    found = Server(tmp_path)
    yield found
    found.kill()


@pytest.fixture
def broker(server: Server) -> Iterator[Broker]:
    with closing(Broker(url_of(server.path), PREFIX)) as found:
        yield found


def test_a_message_names_the_task_and_the_study_and_expires(server: Server, broker: Broker) -> None:
    broker.wake("01STUDY")
    with Redis(unix_socket_path=str(server.path)) as client:
        (message,) = (json.loads(text) for text in client.lrange(f"{PREFIX}{PREFIX}work", 0, -1))
    assert message["headers"]["task"] == "regtune.work"
    assert message["headers"]["expires"] is not None
    assert message["headers"]["argsrepr"] == "['01STUDY']"
    assert MESSAGE_EXPIRES_SECONDS == 15


def test_unread_messages_are_counted(broker: Broker) -> None:
    assert broker.unread() == 0
    broker.wake("01STUDY")
    broker.wake("01STUDY")
    assert broker.unread() == 2


def test_a_broker_that_died_is_an_error_at_once_and_is_used_again_when_it_is_back(
    server: Server, broker: Broker
) -> None:
    broker.wake("01STUDY")
    server.kill()
    for call in (broker.unread, lambda: broker.wake("01STUDY")):
        started = time.monotonic()
        with pytest.raises(BrokerUnreachable):
            call()
        assert time.monotonic() - started < 1.0
    server.start()
    broker.wake("01STUDY")
    assert broker.unread() == 1


def test_a_broker_that_hangs_is_given_up_within_two_seconds(server: Server, broker: Broker) -> None:
    broker.wake("01STUDY")
    os.kill(server.process.pid, signal.SIGSTOP)
    started = time.monotonic()
    with pytest.raises(BrokerUnreachable):
        broker.wake("01STUDY")
    assert time.monotonic() - started < 2.0
