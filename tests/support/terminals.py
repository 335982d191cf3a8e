"""A user's terminal: a folder, the commands typed in it, and a service started from it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

READY = "regtune is ready at "
_READY_SECONDS = 90.0
_END_SECONDS = 60.0


@dataclass(frozen=True)
class Terminal:
    """A user's folder with the checkout's environment in it; a request that fails is an error of the command."""

    folder: Path
    port: int

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("REGTUNE_")}
        return {**kept, "HOME": str(self.folder), "NO_COLOR": "1", "COLUMNS": "160"}

    def shell(self, text: str, timeout_seconds: float = 240) -> str:
        """What the commands print; they stop at the first that fails."""
        return self._run(["bash", "-euo", "pipefail", "-c", self.at_our_port(text)], timeout_seconds)

    def python(self, text: str, timeout_seconds: float = 240) -> str:
        """What the program prints."""
        return self._run([sys.executable, "-c", self.at_our_port(text)], timeout_seconds)

    def at_our_port(self, text: str) -> str:
        """The text with the default port replaced: two runs of the tests must not meet there."""
        return text.replace("8000", str(self.port))

    def _run(self, command: list[str], timeout_seconds: float) -> str:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**self.environment, "REGTUNE_URL": f"http://127.0.0.1:{self.port}"},
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
            check=False,
        )
        assert done.returncode == 0, f"{command[-1]}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@contextmanager
def service(terminal: Terminal, text: str) -> Iterator[str]:
    """Types what starts the service, gives the URL that it gets ready at, and presses Ctrl-C when the block ends."""
    process = subprocess.Popen(
        ["bash", "-euc", text],
        cwd=terminal.folder,
        env=terminal.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A group of its own, as a terminal gives to what runs in it.
        start_new_session=True,
    )
    output = process.stdout
    assert output is not None
    said: list[str] = []
    told = threading.Event()

    def listen() -> None:
        with output:
            for line in output:
                said.append(line)
                if line.startswith(READY):
                    told.set()
        told.set()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        told.wait(_READY_SECONDS)
        urls = [line.removeprefix(READY).strip() for line in said if line.startswith(READY)]
        assert urls, f"{text} does not get ready:\n{''.join(said)}"
        yield urls[0]
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        process.wait(_END_SECONDS)
        listener.join(_END_SECONDS)
