"""The launcher: the first thing that runs in every part's process, ties it to the supervisor and becomes the part.

`python -m service.embedded.launch READ_END PARENT_PID call MODULE:FUNCTION ARGUMENT…` calls a command of ours with
its arguments; `… exec PROGRAM ARGUMENT…` runs a program that knows nothing of lifelines, such as the broker.
"""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from types import FrameType

from service.embedded.lifeline import die_with_parent, watch


def main(arguments: Sequence[str]) -> int:
    """Becomes the part that the arguments name, and returns its exit code."""
    read_end, parent_pid, how, target, *rest = arguments
    die_with_parent(int(parent_pid))
    if how == "call":
        watch(int(read_end))
        module, function = target.split(":")
        code: int = getattr(importlib.import_module(module), function)(rest)
        return code
    if sys.platform == "linux":
        # The kernel's rope outlives the exec, so that no second process is needed.
        os.execv(target, [target, *rest])
    watch(int(read_end))
    return mind([target, *rest])


def mind(command: Sequence[str]) -> int:
    """Runs a program as a child in this process group, passes SIGTERM on to it and returns its exit code."""
    child = subprocess.Popen(command)

    def pass_on(number: int, frame: FrameType | None) -> None:
        child.terminate()

    signal.signal(signal.SIGTERM, pass_on)
    return child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
