"""Turns: one process at a time makes what several want, also when the one that made it was killed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from regcore.lanes.turns import Part, make_all, turn, wait_patiently

HOLDS = """
import sys
from pathlib import Path
from regcore.lanes.turns import turn, wait_patiently

with turn("graph", Path(sys.argv[1]), wait_patiently):
    print("in", flush=True)
    sys.stdin.read()
"""


class Ended(Exception):
    """Whoever waited was told to stop."""


def stop_waiting() -> None:
    raise Ended


@contextmanager
def holding_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process, whose turn at "graph" lasts until it is killed."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, folder],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "in\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_turn_is_waited_for_until_the_process_that_has_it_is_killed(tmp_path: Path) -> None:
    asked: list[int] = []
    with holding_process(tmp_path) as holder:

        def kill_at_the_second_look() -> None:
            asked.append(holder.pid)
            if len(asked) == 2:
                holder.kill()
                holder.wait()

        with turn("graph", tmp_path, kill_at_the_second_look):
            assert len(asked) == 2


def test_what_is_raised_while_waiting_ends_it(tmp_path: Path) -> None:
    with holding_process(tmp_path), pytest.raises(Ended), turn("graph", tmp_path, stop_waiting):
        pass


def test_turns_of_other_names_and_folders_are_not_waited_for(tmp_path: Path) -> None:
    with (
        holding_process(tmp_path),
        turn("other graph", tmp_path, stop_waiting),
        turn("graph", tmp_path / "other", stop_waiting),
    ):
        pass


def test_an_error_ends_the_turn(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="it failed"), turn("graph", tmp_path, stop_waiting):
        raise ValueError("it failed")
    with turn("graph", tmp_path, stop_waiting):
        pass


def test_what_another_process_is_making_is_put_off_but_not_left_out(tmp_path: Path) -> None:
    made: list[str] = []
    parts = [Part(name, lambda name=name: made.append(name)) for name in ("graph", "second", "third")]
    make_all(parts, tmp_path)
    with holding_process(tmp_path):
        make_all(parts, tmp_path)
    assert made == ["graph", "second", "third", "second", "third", "graph"]


def test_a_part_that_was_made_is_free_for_the_next(tmp_path: Path) -> None:
    def fail() -> None:
        raise ValueError("it failed")

    with pytest.raises(ValueError, match="it failed"):
        make_all([Part("graph", fail)], tmp_path)
    with turn("graph", tmp_path, stop_waiting), turn("nobody's", tmp_path, wait_patiently):
        pass
