"""What the benchmark of a long study makes of the moments that it saw."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from waiting import wait_until

from benchmarks.long_study import Sample, what_was_found
from benchmarks.resident import resident_bytes

MEGABYTE = 1_000_000


def found(resident: list[int]) -> dict[str, object]:
    """Of a study that ended ten trials a second on two workers, which trained 1.5 seconds in each."""
    samples = [
        Sample(float(at), 10 * (at - 1), 1.5 * (at - 1), {"worker 1": size})
        for at, size in enumerate(resident, start=1)
    ]
    return what_was_found({"progress": {"epochs_run": 7}}, samples, cores=2)


def test_the_share_outside_of_the_step_is_what_training_leaves_of_the_workers_time() -> None:
    assert found([MEGABYTE] * 21)["share_outside_of_the_step"] == 0.25


def test_what_passes_until_the_first_trial_has_ended_is_given_by_itself() -> None:
    assert found([MEGABYTE] * 21)["seconds_until_the_first_end"] == 2.0


def test_rates_are_given_over_the_whole_and_by_quarter() -> None:
    of_study = found([MEGABYTE] * 21)
    assert of_study["trials_per_second"] == pytest.approx(10.0, rel=0.05)
    assert of_study["trials_per_second_by_quarter"] == [10.0] * 4


def test_memory_that_grows_in_the_second_half_shows() -> None:
    (worker,) = found([MEGABYTE] * 15 + [2 * MEGABYTE] * 5)["memory"]
    assert worker["growth"] == 1.0


def test_memory_that_grew_in_the_first_half_alone_is_flat() -> None:
    (worker,) = found([MEGABYTE] * 5 + [2 * MEGABYTE] * 15)["memory"]
    assert worker["growth"] == 0.0


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="reads /proc, which Linux alone has")
def test_the_memory_of_processes_that_were_started_is_seen_by_what_they_are() -> None:
    large = "import sys; kept = bytearray(b'x' * 30_000_000); print('ready', flush=True); sys.stdin.read()"
    words = [sys.executable, "-c", large, "worker.command"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        wait_until(lambda: process.stdout.readline() == b"ready\n")
        size = resident_bytes()[f"worker {process.pid}"]
        assert process.stdin is not None
        process.stdin.close()
    assert 30_000_000 < size < 300_000_000
    assert f"worker {process.pid}" not in resident_bytes()
