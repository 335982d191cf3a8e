"""The supervisor keeps its parts running, and none of them outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from processes import descendants_of, is_alive, needs_proc
from waiting import wait_until

from service.embedded.errors import PartCannotStart
from service.embedded.parts import Part
from service.embedded.supervisor import Supervisor

SLEEPER = ("exec", sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(600)")
STUBBORN = (
    *("exec", sys.executable, "-c"),
    "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "c = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); print(c.pid, flush=True); c.wait()",
)
# A supervisor process of its own, which can be killed; it prints what its parts print.
SUPERVISING = """
import sys, threading
from service.embedded.parts import Part
from service.embedded.supervisor import Supervisor
supervisor = Supervisor(lambda name, line: print(line, flush=True))
for number, words in enumerate(%r):
    supervisor.start(Part(f"part-{number}", tuple(words)))
supervisor.until(lambda: False, threading.Event())
"""


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def supervisor(lines: list[str]) -> Iterator[Supervisor]:
    supervisor = Supervisor(lambda name, line: lines.append(f"{name}: {line}"))
    yield supervisor
    supervisor.stop(last="")


def started_pids(lines: list[str]) -> list[int]:
    return [int(line.split()[1]) for line in lines if line.startswith("sleeper: ")]


def until(supervisor: Supervisor, condition: Callable[[], bool]) -> None:
    enough = threading.Event()
    timer = threading.Timer(60, enough.set)
    timer.start()
    supervisor.until(condition, enough)
    timer.cancel()
    assert not enough.is_set(), "did not come about within 60 s"


def test_a_part_that_is_killed_is_started_again(supervisor: Supervisor, lines: list[str]) -> None:
    supervisor.start(Part("sleeper", SLEEPER))
    until(supervisor, lambda: len(started_pids(lines)) == 1)
    os.kill(started_pids(lines)[0], signal.SIGKILL)
    until(supervisor, lambda: len(started_pids(lines)) == 2)
    assert any("sleeper ended with code -9; starting it again" in line for line in lines)


def test_a_part_that_cannot_start_is_given_up_with_its_last_words(supervisor: Supervisor) -> None:
    supervisor.start(Part("broken", ("exec", sys.executable, "-c", "raise SystemExit('the roof is on fire')")))
    with pytest.raises(PartCannotStart, match=r"(?s)broken cannot start: it ended with code 1.*the roof is on fire"):
        until(supervisor, lambda: False)


def test_a_part_that_was_told_something_impossible_is_given_up_at_once(
    supervisor: Supervisor, lines: list[str]
) -> None:
    supervisor.start(Part("misled", ("exec", sys.executable, "-c", "raise SystemExit(2)")))
    with pytest.raises(PartCannotStart, match="misled cannot start: it ended with code 2"):
        until(supervisor, lambda: False)
    assert not any("starting it again" in line for line in lines)


def test_a_part_gets_the_environment_it_names(supervisor: Supervisor, lines: list[str]) -> None:
    show = ("exec", sys.executable, "-c", "import os, time; print(os.environ['COLOUR'], flush=True); time.sleep(600)")
    supervisor.start(Part("shown", show, {"COLOUR": "green"}))
    until(supervisor, lambda: "shown: green" in lines)


@needs_proc
def test_stopping_ends_what_a_part_started_although_both_ignore_sigterm(
    lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.embedded.supervisor._DRAIN_SECONDS", 0.5)
    supervisor = Supervisor(lambda name, line: lines.append(line))
    supervisor.start(Part("stubborn", STUBBORN))
    wait_until(lambda: bool(lines))
    supervisor.stop(last="")
    wait_until(lambda: not is_alive(int(lines[0])))


@needs_proc
@pytest.mark.parametrize("kernel_helps", [True, False], ids=["with pdeathsig", "with the pipe alone"])
def test_nothing_outlives_a_killed_supervisor(kernel_helps: bool, tmp_path: Path) -> None:
    (tmp_path / "sleeping.py").write_text(
        "import time\ndef main(words):\n    print('up', flush=True)\n    time.sleep(600)\n"
    )
    # Another platform than Linux has no PR_SET_PDEATHSIG, and its launcher stays as the parent of a program.
    (tmp_path / "sitecustomize.py").write_text("" if kernel_helps else "import sys\nsys.platform = 'darwin'\n")
    called = ("call", "sleeping:main")
    executed = ("exec", sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)")
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISING % ((called, executed),)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{os.getcwd()}"},
    )
    with process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(2)] == ["up\n", "up\n"]
        family = descendants_of(process.pid)
        process.kill()
    assert len(family) == (2 if kernel_helps else 3)
    wait_until(lambda: not any(is_alive(pid) for pid in family))
