"""The supervisor: starts the parts, restarts those that die, and takes everything down with it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence

from service.embedded.errors import PartCannotStart
from service.embedded.parts import Part, Running

_LOOK_SECONDS = 0.1
_DRAIN_SECONDS = 10.0
# A part that lived shorter than this died "at once"; it is given up after so many of those in a row.
_SHORT_LIFE_SECONDS = 5.0
_SHORT_LIVES_ALLOWED = 5
# What our commands return when words or settings say something impossible, which no further start will change.
_WRONG_USAGE = 2
_LONGEST_PAUSE_SECONDS = 4.0

Say = Callable[[str, str], None]


class _Kept:
    """A part that is to be kept running: its process, or when to start the next one."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.started_at = time.monotonic()
        self.restart_at: float | None = None
        self.short_lives = 0

    def died(self) -> float:
        """Notes that the process ended, and gives the seconds to wait before the next start.

        Raises:
            PartCannotStart: it died at once too many times in a row, or says that it was told something impossible.
        """
        now = time.monotonic()
        self.short_lives = self.short_lives + 1 if now - self.started_at < _SHORT_LIFE_SECONDS else 1
        code = self.running.exit_code
        if self.short_lives >= _SHORT_LIVES_ALLOWED or code == _WRONG_USAGE:
            raise PartCannotStart(self.running.part.name, 0 if code is None else code, self.running.last_lines())
        pause = min(_LONGEST_PAUSE_SECONDS, 0.1 * 4.0 ** (self.short_lives - 1))
        self.restart_at = now + pause
        return pause

    def restarted(self, running: Running) -> None:
        """Notes the new process."""
        self.running, self.started_at, self.restart_at = running, time.monotonic(), None


class Supervisor:
    """Keeps parts running until it is asked to stop. Use it from the main thread, and always call `stop`."""

    def __init__(self, say: Say) -> None:
        # The writing end stays here alone; no other process inherits it, and its closing ends every part.
        self._lifeline, self._held_open = os.pipe()
        self._say = say
        self._kept: list[_Kept] = []

    def start(self, part: Part) -> Running:
        """Starts a part, keeps it running from now on, and gives its first process."""
        kept = _Kept(self._launch(part))
        self._kept.append(kept)
        return kept.running

    def look_after(self) -> None:
        """Restarts what has died and is due.

        Raises:
            PartCannotStart: a part died at once too many times in a row.
        """
        for kept in self._kept:
            if kept.restart_at is not None:
                if time.monotonic() >= kept.restart_at:
                    kept.restarted(self._launch(kept.running.part))
            elif (code := kept.running.exit_code) is not None:
                # What a part leaves behind, a training process say, would go on beside its successor.
                kept.running.kill_group()
                pause = kept.died()
                self._say("up", f"{kept.running.part.name} ended with code {code}; starting it again in {pause:.1f} s")

    def until(self, done: Callable[[], bool], asked_to_stop: threading.Event) -> None:
        """Looks after the parts until the condition holds or stopping was asked for."""
        while not asked_to_stop.is_set() and not done():
            self.look_after()
            asked_to_stop.wait(_LOOK_SECONDS)

    def stop(self, last: str) -> None:
        """Ends every part, the one of that name after all others."""
        running = [kept.running for kept in self._kept]
        _end([process for process in running if process.part.name != last])
        _end([process for process in running if process.part.name == last])
        self._kept.clear()
        os.close(self._held_open)
        os.close(self._lifeline)

    def _launch(self, part: Part) -> Running:
        return Running(part, self._lifeline, self._say)


def _end(running: Sequence[Running]) -> None:
    for process in running:
        process.ask_to_end()
    deadline = time.monotonic() + _DRAIN_SECONDS
    for process in running:
        process.wait(max(0.0, deadline - time.monotonic()))
        process.kill_group()
        process.wait(_DRAIN_SECONDS)
