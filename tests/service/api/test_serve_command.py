"""`regtune serve`: a process that starts, stays small, and leaves when it is told to; or says why it cannot start."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from processes import needs_proc, peak_memory_bytes
from waiting import wait_until

from service.api.serve import main
from service.embedded.address import kept_port

CODE = "import sys; from service.api.serve import main; sys.exit(main(sys.argv[1:]))"
MOST_BYTES = 200e6
Serve = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def port() -> Iterator[int]:
    with kept_port("127.0.0.1", 0) as kept:
        yield kept


@pytest.fixture
def serve(sqlite_database: object, tmp_path: Path) -> Iterator[Serve]:
    """Starts `regtune serve` on the test's database, which lies where it is looked for."""
    started: list[subprocess.Popen[str]] = []
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REGTUNE_")}

    def start(*words: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", CODE, *words],
            env={**kept, "REGTUNE_DATA": str(tmp_path), **environment},
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@needs_proc
def test_it_answers_stays_small_and_leaves_when_told(serve: Serve, port: int) -> None:
    process = serve("--port", str(port))
    url = f"http://127.0.0.1:{port}"
    wait_until(lambda: answers(f"{url}/readyz"))
    for path in ("/openapi.json", "/api/v1/regularizers", "/api/v1/datasets", "/api/v1/studies", "/docs"):
        assert answers(url + path)
    upload(f"{url}/api/v1/datasets")
    assert peak_memory_bytes(process.pid) < MOST_BYTES
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


@needs_proc
def test_looking_whether_it_is_ready_says_one_line(serve: Serve, port: int) -> None:
    process = serve("--port", str(port))
    wait_until(lambda: answers(f"http://127.0.0.1:{port}/readyz"))
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=10)
    assert [line for line in said.splitlines() if "readyz" in line or "alembic" in line.lower() or "impl" in line] == [
        line for line in said.splitlines() if "GET /readyz 200" in line
    ]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "regtune.example"])
def test_without_keys_it_listens_on_this_machine_alone(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--host", host]) == 2
    assert capsys.readouterr().err.startswith(f"regtune serve: {host} can be reached from other machines")


def test_a_port_that_is_taken_is_said_in_a_line(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = serve("--port", str(taken.getsockname()[1]))
        _, said = process.communicate(timeout=30)
    assert process.returncode not in (None, 0)
    assert "address already in use" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REGTUNE_DATABASE_URL", "mysql://somewhere/else"),
        ("REGTUNE_DATABASE_URL", "nonsense"),
        ("REGTUNE_LEASE_SECONDS", "-1"),
        ("REGTUNE_STORE", "nonsense"),
        ("REGTUNE_STORE", "ftp://somewhere"),
        ("REGTUNE_BROKER_URL", "amqp://somewhere"),
    ],
)
def test_an_impossible_setting_is_said_in_a_line(name: str, value: str, serve: Serve) -> None:
    process = serve("--port", "0", **{name: value})
    _, said = process.communicate(timeout=30)
    assert process.returncode == 2
    assert said.startswith("regtune serve: ")
    assert len(said.splitlines()) == 1


def upload(url: str) -> None:
    table = "a,y\n" + "".join(f"{row},{row % 2}\n" for row in range(2_000))
    parts = {"file": f'; filename="a.csv"\r\n\r\n{table}', "meta": '\r\n\r\n{"name": "a", "target": "y"}'}
    body = "".join(f'--b\r\nContent-Disposition: form-data; name="{name}"{rest}\r\n' for name, rest in parts.items())
    request = urllib.request.Request(
        url, f"{body}--b--\r\n".encode(), {"Content-Type": "multipart/form-data; boundary=b"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 201
