"""The lifeline: what makes a part end with its supervisor, however the supervisor ends.

Two ropes, because each alone has a hole. Linux kills the part when the thread that started it dies (prctl(2),
PR_SET_PDEATHSIG); that is instant, but only there. Everywhere, a pipe whose writing end the supervisor alone holds
reaches its end when the supervisor is gone; that needs a thread of Python in the part.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading

_PR_SET_PDEATHSIG = 1


def die_with_parent(parent_pid: int) -> None:
    """Has Linux kill this process when its parent ends; elsewhere only checks that the parent is still there.

    It stays in force over `os.execv`. Exits at once when `parent_pid` is not the parent any more: a parent that ended
    before the call would never be noticed after it.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_pid:
        os._exit(1)


def watch(read_end: int) -> None:
    """Kills this process and all of its process group once the pipe's writing end is closed.

    The process must lead a group of its own, or it would take the group of whoever started it along.
    """
    os.set_inheritable(read_end, False)
    threading.Thread(target=_wait_for_the_end, args=(read_end,), name="lifeline", daemon=True).start()


def _wait_for_the_end(read_end: int) -> None:
    while os.read(read_end, 1):
        pass
    os.killpg(os.getpgrp(), signal.SIGKILL)
