"""The commands of docker-compose.yml, run by hand: they work together on a real Postgres and a real Redis."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
import redis
import yaml
from waiting import wait_until

from service.embedded.address import kept_port
from service.embedded.broker import find_server

POSTGRES_URL = os.environ.get("REGTUNE_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
REDIS_URL = os.environ.get("REGTUNE_TEST_REDIS_URL", "redis://127.0.0.1:6379/0")
DEADLINE_SECONDS = 90.0
STUDY = {
    "dataset": "iris",
    "model": {"kind": "mlp", "width": 8, "depth": 1},
    "training": {"epochs": 3, "batch_size": 32},
    "regularizers": [{"kind": "dropout"}],
    "sampler": {"kind": "random"},
    "pruner": None,
    "budget": {"trials": 6},
}


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    file = Path(__file__).resolve().parents[2] / "docker-compose.yml"
    document: dict[str, Any] = yaml.safe_load(file.read_text())
    return document


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """The URL of an empty database on the server that the tests may use, dropped afterwards."""
    name = f"regtune_compose_{uuid.uuid4().hex[:12]}"
    try:
        server = psycopg.connect(POSTGRES_URL, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as error:
        pytest.skip(f"needs a Postgres server: {error}")
    with server:
        server.execute(f'CREATE DATABASE "{name}"')
        yield POSTGRES_URL.rpartition("/")[0] + f"/{name}"
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def key_prefix() -> Iterator[str]:
    """A prefix of its own on the Redis that the tests may use, emptied afterwards."""
    prefix = f"regtune-compose-{uuid.uuid4().hex[:12]}:"
    with redis.Redis.from_url(REDIS_URL) as server:
        try:
            server.ping()
        except redis.ConnectionError as error:
            pytest.skip(f"needs a Redis server: {error}")
        yield prefix
        for key in server.scan_iter(f"{prefix}*"):
            server.delete(key)


class Deployment:
    """The services of the file with only their surroundings exchanged: addresses, the data folder and the secret."""

    def __init__(self, services: dict[str, Any], folder: Path, port: int, surroundings: dict[str, str]) -> None:
        self._services = services
        self._folder = folder
        self._surroundings = surroundings
        self.port = port
        (folder / "database_password").write_text("not-asked-for\n")

    def words(self, service: str) -> list[str]:
        """Entry point and command as a container would run them, `$$` being compose's way to write `$`."""
        found = self._services[service]
        words = [word.replace("$$", "$") for word in (*found["entrypoint"], *found["command"])]
        secret = str(self._folder / "database_password")
        return [
            word.replace("/run/secrets/database_password", secret).replace("8000", str(self.port)) for word in words
        ]

    def environment(self, service: str) -> dict[str, str]:
        named = self._services[service]["environment"]
        assert set(named) <= set(self._surroundings), f"{service} names a variable that the test does not exchange"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("REGTUNE_")}
        path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
        return {**kept, **self._surroundings, "PATH": path, "OMP_NUM_THREADS": "1"}

    def run(self, service: str) -> None:
        subprocess.run(
            self.words(service), cwd=self._folder, env=self.environment(service), timeout=DEADLINE_SECONDS, check=True
        )

    @contextmanager
    def running(self, service: str) -> Iterator[subprocess.Popen[bytes]]:
        """The service's process, ended as `docker stop` does: SIGTERM, and time to leave."""
        with (self._folder / f"{service}.log").open("wb") as log:
            process = subprocess.Popen(
                self.words(service),
                cwd=self._folder,
                env=self.environment(service),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(30)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)

    def log(self, service: str) -> str:
        return (self._folder / f"{service}.log").read_text(errors="replace")


@pytest.fixture(scope="module")
def deployment(
    compose: dict[str, Any], database: str, key_prefix: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    """The deployment with its tables made, by the file's own one-shot service."""
    folder = tmp_path_factory.mktemp("compose")
    surroundings = {
        "REGTUNE_DATABASE_URL": database,
        "REGTUNE_BROKER_URL": REDIS_URL,
        "REGTUNE_KEY_PREFIX": key_prefix,
        "REGTUNE_DATA": str(folder / "files"),
    }
    with kept_port("127.0.0.1", 0) as port:
        made = Deployment(compose["services"], folder, port, surroundings)
        made.run("migrate")
        yield made


@pytest.fixture(scope="module")
def running(deployment: Deployment) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """API, coordinator and a worker, by their commands."""
    with ExitStack() as stack:
        processes = {name: stack.enter_context(deployment.running(name)) for name in ("api", "coordinator", "worker")}
        wait_until(lambda: answers(f"http://127.0.0.1:{deployment.port}/readyz"))
        yield processes


@pytest.fixture(scope="module")
def study(deployment: Deployment, running: dict[str, subprocess.Popen[bytes]]) -> dict[str, Any]:
    """A study that the running parts were given, when it has ended."""
    with httpx2.Client(base_url=f"http://127.0.0.1:{deployment.port}/api/v1", timeout=60) as client:
        created = client.post("/studies", json=STUDY).raise_for_status().json()

        def found() -> dict[str, Any]:
            answer: dict[str, Any] = client.get(f"/studies/{created['id']}").raise_for_status().json()
            return answer

        wait_until(lambda: found()["state"] not in ("queued", "running"), DEADLINE_SECONDS)
        assert {name: process.poll() for name, process in running.items()} == dict.fromkeys(running)
        return found()


def test_the_migration_makes_the_tables(deployment: Deployment, database: str) -> None:
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM regtune_alembic_version").fetchone() == (1,)


def test_the_migration_may_run_again(deployment: Deployment) -> None:
    deployment.run("migrate")


@pytest.mark.usefixtures("running")
def test_the_health_check_of_the_api_passes(deployment: Deployment, compose: dict[str, Any]) -> None:
    kind, _python, *words = compose["services"]["api"]["healthcheck"]["test"]
    assert kind == "CMD"
    check = [sys.executable, *(word.replace("8000", str(deployment.port)) for word in words)]
    assert subprocess.run(check, timeout=30, check=False).returncode == 0


def test_the_parts_work_a_study_off_together(deployment: Deployment, study: dict[str, Any]) -> None:
    assert study["state"] == "completed", deployment.log("worker") + deployment.log("coordinator")
    assert study["progress"]["completed"] == 6


def test_the_broker_starts_with_its_command(compose: dict[str, Any], tmp_path: Path) -> None:
    server = find_server()
    if server is None:
        pytest.skip("needs valkey-server or redis-server")
    socket_path = tmp_path / "broker.sock"
    words = [str(server), *compose["services"]["broker"]["command"][1:], "--dir", str(tmp_path)]
    process = subprocess.Popen([*words, "--port", "0", "--unixsocket", str(socket_path)], stdout=subprocess.DEVNULL)
    try:
        wait_until(socket_path.exists)
        with redis.Redis(unix_socket_path=str(socket_path)) as client:
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
            assert client.config_get("appendonly") == {"appendonly": "yes"}
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.usefixtures("running")
def test_the_gate_leads_from_the_published_port_to_the_api(
    deployment: Deployment, compose: dict[str, Any], tmp_path: Path
) -> None:
    haproxy = shutil.which("haproxy", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
    if haproxy is None:
        pytest.skip("needs haproxy")
    with kept_port("127.0.0.1", 0) as port:
        configuration = compose["configs"]["gate"]["content"].replace(":8080", f"127.0.0.1:{port}")
        (tmp_path / "gate.cfg").write_text(configuration.replace("8000", str(deployment.port)))
        process = subprocess.Popen([haproxy, "-f", str(tmp_path / "gate.cfg"), "-db"], stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: answers(f"http://127.0.0.1:{port}/readyz"))
        finally:
            process.terminate()
            process.wait(30)


# The last of this file: the others need what it ends.
@pytest.mark.usefixtures("study")
def test_the_parts_end_when_they_are_told_to(running: dict[str, subprocess.Popen[bytes]]) -> None:
    for process in running.values():
        process.terminate()
    assert {name: process.wait(30) for name, process in running.items()} == dict.fromkeys(running, 0)
