"""`regtune up` runs everything on one folder, keeps it running, and leaves nothing behind."""

from __future__ import annotations

import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from processes import descendants_of, is_alive, needs_proc
from waiting import wait_until

READY_WITHIN_SECONDS = 120.0
COMMAND = "import sys; from service.embedded.up import main; sys.exit(main(sys.argv[1:]))"


class Up:
    """A supervisor process, and what it says."""

    def __init__(self, folder: Path, *words: str) -> None:
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith("REGTUNE_")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, "--data", str(folder), "--port", "0", "--workers", "1", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**surroundings, "REGTUNE_LEASE_SECONDS": "3"},
        )
        self.said: list[str] = []
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def url(self) -> str:
        """The URL, once it is ready."""
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            for line in self.said:
                found = re.fullmatch(r"regtune is ready at (http://127\.0\.0\.1:\d+)", line)
                if found:
                    return found[1]
            self._wait_for_a_line()
        pytest.fail("it did not become ready; it said:\n" + "\n".join(self.said))

    def pid_of(self, part: str) -> int:
        """The process of a part, by what it was started to call."""
        found = [pid for pid in descendants_of(self.process.pid) if part in Path(f"/proc/{pid}/cmdline").read_text()]
        return min(found)

    def end(self) -> None:
        """Whatever happened, nothing stays."""
        self.process.kill()
        self.process.wait()

    def _wait_for_a_line(self) -> None:
        try:
            self._lines.get(timeout=0.5)
        except queue.Empty:
            return

    def _read(self) -> None:
        if self.process.stdout is None:
            return
        with self.process.stdout as output:
            for line in output:
                self.said.append(line.rstrip())
                self._lines.put(line)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    up = Up(tmp_path / "data")
    yield up
    up.end()


def status_of(url: str) -> int:
    with urllib.request.urlopen(url, timeout=5) as reply:
        return int(reply.status)


@needs_proc
def test_a_killed_part_is_back_within_seconds_and_sigterm_leaves_nothing(up: Up) -> None:
    url = up.url()
    assert status_of(f"{url}/readyz") == 200

    killed = up.pid_of("service.api.serve")
    os.kill(killed, signal.SIGKILL)

    def serves_again() -> bool:
        try:
            return status_of(f"{url}/healthz") == 200
        except OSError:
            return False

    wait_until(serves_again)
    assert any("api ended with code -9" in line for line in up.said)

    family = descendants_of(up.process.pid)
    up.process.terminate()
    assert up.process.wait(30) == 0
    wait_until(lambda: not any(is_alive(pid) for pid in family))


@needs_proc
@pytest.mark.slow
def test_kill_9_leaves_nothing_and_the_folder_can_be_used_again(up: Up, tmp_path: Path) -> None:
    up.url()
    # The training process is started by the worker, and is what would hold a core for ever.
    wait_until(lambda: any("spawn_main" in words(pid) for pid in descendants_of(up.process.pid)))
    family = descendants_of(up.process.pid)
    up.process.kill()
    wait_until(lambda: not any(is_alive(pid) for pid in family))

    again = Up(tmp_path / "data")
    try:
        assert status_of(f"{again.url()}/readyz") == 200
    finally:
        again.end()


def test_a_second_one_on_the_same_folder_says_so_and_leaves(up: Up, tmp_path: Path) -> None:
    wait_until(lambda: (tmp_path / "data" / "up.lock").exists())
    wait_until(lambda: (tmp_path / "data" / "up.lock").read_text() != "")
    second = subprocess.run(
        [sys.executable, "-c", COMMAND, "--data", str(tmp_path / "data"), "--port", "0"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert second.returncode == 1
    assert f"is in use by process {up.process.pid}: stop it, or choose another folder with --data" in second.stderr


def test_a_port_that_is_taken_is_said_so_at_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = subprocess.run(
            [sys.executable, "-c", COMMAND, "--data", str(tmp_path / "data"), "--port", str(port)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert refused.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in refused.stderr
    assert "choose another port, or --port 0 for a free one" in refused.stderr


def words(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except FileNotFoundError:
        return ""
