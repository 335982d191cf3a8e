"""The presence of a worker: its row in the database, its heartbeat, and the draining of its runs when it must leave."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

_log = logging.getLogger(__name__)


class Presence:
    """Says "here" every few seconds while the block runs, from a thread with a database connection of its own."""

    def __init__(self, seen: Callable[[], None], drain: Callable[[], None], every_seconds: float) -> None:
        """`seen` refreshes the worker's row; `drain` tells its runs to end."""
        self._seen = seen
        self._drain = drain
        self._every_seconds = every_seconds
        self._woken = threading.Event()
        self._leaving = False
        self._over = False
        self._thread = threading.Thread(target=self._live, name="worker heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over = True
        self._woken.set()
        self._thread.join(self._every_seconds)

    def leave(self) -> None:
        """Has the runs drained, soon and elsewhere: it is called from a signal handler, which must not wait for SQL."""
        self._leaving = True
        self._woken.set()

    def _live(self) -> None:
        drained = False
        while not self._over:
            self._woken.wait(self._every_seconds)
            self._woken.clear()
            try:
                if self._leaving and not drained:
                    self._drain()
                    drained = True
                else:
                    self._seen()
            except Exception as error:
                # The next beat tries again; a worker outlives a database that restarts.
                _log.warning("the database did not take the heartbeat: %s", getattr(error, "orig", error))
