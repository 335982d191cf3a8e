"""`regtune up`: everything on this machine, embedded where no URL says otherwise."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TextIO

from sqlalchemy.exc import DBAPIError

from service.embedded import address, broker
from service.embedded.deployment import Deployment, parse
from service.embedded.errors import BrokerUnreachable, EmbeddedError
from service.embedded.folder import held
from service.embedded.parts import Part
from service.embedded.supervisor import Supervisor
from service.store.database import open_database, upgrade
from service.store.errors import StoreError
from service.store.settings import Settings

_BROKER_SECONDS = 10.0


def main(arguments: Sequence[str]) -> int:
    """Runs everything until SIGINT, SIGTERM or SIGHUP; returns 0, or 1 with the reason on stderr when it cannot run."""
    asked_to_stop = _stop_on_signals()
    try:
        deployment = parse(arguments)
        with held(deployment.folder) as folder, address.kept_port(deployment.host, deployment.port) as port:
            run(replace(deployment, folder=folder, port=port), asked_to_stop)
    except (EmbeddedError, StoreError) as error:
        return _refused(str(error))
    except DBAPIError as error:
        return _refused(f"the database cannot be used: {error.orig}")
    return 0


def run(deployment: Deployment, asked_to_stop: threading.Event) -> None:
    """Migrates, starts every part, announces the URL once the API is ready, and looks after them until asked to stop.

    Raises:
        EmbeddedError: a part or the broker cannot start; everything has been taken down again.
    """
    os.environ["REGTUNE_DATA"] = str(deployment.folder)
    # What workers compile is found again by the next ones.
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(deployment.folder / "graphs"))
    settings = Settings.from_environment()
    _migrate(settings.database_url)
    supervisor = Supervisor(_say)
    try:
        broker_url = settings.broker_url or _start_broker(deployment.folder, supervisor, asked_to_stop)
        for part in deployment.parts(broker_url):
            supervisor.start(part)
        url = address.url_of(deployment.host, deployment.port)
        supervisor.until(lambda: address.is_ready(url), asked_to_stop)
        if not asked_to_stop.is_set():
            _write(sys.stdout, f"regtune is ready at {url}\n")
        supervisor.until(lambda: False, asked_to_stop)
    finally:
        # The broker last: a worker whose broker is gone fills the log with errors instead of leaving quietly.
        supervisor.stop(last="broker")


def _migrate(url: str) -> None:
    database = open_database(url)
    try:
        upgrade(database)
    finally:
        database.close()


def _start_broker(folder: Path, supervisor: Supervisor, asked_to_stop: threading.Event) -> str:
    """Starts the embedded broker and gives its URL; `none`, for workers that poll, where there is no such program."""
    server = broker.find_server()
    if server is None:
        _say("up", "no valkey-server or redis-server found: workers poll the database")
        return "none"
    path = broker.socket_path(folder)
    supervisor.start(Part("broker", ("exec", str(server), *broker.server_arguments(path))))
    deadline = time.monotonic() + _BROKER_SECONDS
    supervisor.until(lambda: broker.answers(path) or time.monotonic() > deadline, asked_to_stop)
    if time.monotonic() > deadline and not broker.answers(path):
        raise BrokerUnreachable(path, _BROKER_SECONDS)
    return broker.url_of(path)


def _stop_on_signals() -> threading.Event:
    asked_to_stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        asked_to_stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask)
    return asked_to_stop


def _refused(reason: str) -> int:
    print(f"regtune up: {reason}", file=sys.stderr, flush=True)
    return 1


def _say(name: str, line: str) -> None:
    _write(sys.stderr, f"{name:<12}| {line}\n")


def _write(stream: TextIO, line: str) -> None:
    # Both streams may lead to one pipe: a line in two pieces, as print writes it, would be mixed with another.
    stream.write(line)
    stream.flush()
