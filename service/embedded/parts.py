"""A part of the embedded deployment: what to run, and the process that runs it now."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

_REMEMBERED_LINES = 15
# A grandchild that was not ended yet may hold the pipe open.
_LAST_WORDS_SECONDS = 1.0


@dataclass(frozen=True)
class Part:
    """What a part runs: `call` takes the words of service.embedded.launch, from `call` or `exec` on."""

    name: str
    call: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


class Running:
    """The process of a part. Started from the main thread only: Linux ends it with the *thread* that started it."""

    def __init__(self, part: Part, lifeline: int, say: Callable[[str, str], None]) -> None:
        self.part = part
        self._last_lines: deque[str] = deque(maxlen=_REMEMBERED_LINES)
        self._process = subprocess.Popen(
            [
                *(sys.executable, *_import_rule(), "-m", "service.embedded.launch"),
                *(str(lifeline), str(os.getpid()), *part.call),
            ],
            env={**os.environ, **part.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(lifeline,),
            # A session of its own: Ctrl-C reaches the supervisor alone, and the whole group can be ended at once.
            start_new_session=True,
            text=True,
            errors="replace",
        )
        self._reader = threading.Thread(target=self._read, args=(say,), name=f"log of {part.name}", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The process id, which is also that of its group."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; minus the number of the signal that ended it."""
        return self._process.poll()

    def last_lines(self) -> tuple[str, ...]:
        """The last lines it wrote, once it has ended."""
        self._reader.join(timeout=_LAST_WORDS_SECONDS)
        return tuple(self._last_lines)

    def ask_to_end(self) -> None:
        """Sends SIGTERM to the part's first process alone, which tells its own children what to do."""
        self._process.terminate()

    def kill_group(self) -> None:
        """Ends whatever is left of the part and of what it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def wait(self, timeout_seconds: float) -> bool:
        """Whether it ended within the time; its last words have been passed on then."""
        try:
            self._process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            return False
        self._reader.join(timeout=_LAST_WORDS_SECONDS)
        return True

    def _read(self, say: Callable[[str, str], None]) -> None:
        output = self._process.stdout
        if output is None:
            return
        with output:
            for line in output:
                self._last_lines.append(line.rstrip())
                say(self.part.name, line.rstrip())


def _import_rule() -> tuple[str, ...]:
    """Python's `-P` unless this process, too, imports from the present folder.

    With `-m` alone, a folder named `service` where the user happens to be would stand in for ours.
    """
    return () if {"", os.getcwd()} & set(sys.path) else ("-P",)
