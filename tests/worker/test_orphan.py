"""A training process does not outlive the process that started it, also where the kernel does not see to that."""

from __future__ import annotations

import subprocess
import sys

from processes import is_alive, needs_proc
from waiting import wait_until

CHILD = """
import os, time
from worker.orphan import end_with
end_with(os.getppid())
print("tied", flush=True)
time.sleep(600)
"""
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE, text=True)
child.stdout.readline()
print(child.pid, flush=True)
child.wait()
"""


@needs_proc
def test_it_ends_when_its_parent_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, CHILD], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_alive(child)
        parent.kill()
    wait_until(lambda: not is_alive(child))
