"""What makes the training process end with the worker's main process, on every platform.

Celery has Linux end it; this is for the others, and for a main process that ended before Celery could ask for that.
"""

from __future__ import annotations

import os
import threading
import time

_LOOK_SECONDS = 0.5


def end_with(parent_pid: int) -> None:
    """Ends this process, at once and without cleaning up, when that process is not its parent any more."""
    threading.Thread(target=_watch, args=(parent_pid,), name="parent watch", daemon=True).start()


def _watch(parent_pid: int) -> None:
    while os.getppid() == parent_pid:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)
