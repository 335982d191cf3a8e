"""A worker says that it is here, and has its runs drained when it must leave."""

from __future__ import annotations

import threading

from waiting import wait_until

from worker.presence import Presence


def test_the_heartbeat_goes_on_although_the_database_was_away() -> None:
    beats: list[int] = []

    def beat() -> None:
        beats.append(1)
        if len(beats) == 1:
            raise OSError("no route to host")

    with Presence(beat, lambda: None, every_seconds=0.01):
        wait_until(lambda: len(beats) >= 3)


def test_leaving_drains_at_once_and_from_another_thread() -> None:
    drained = threading.Event()
    by: list[threading.Thread] = []

    def drain() -> None:
        by.append(threading.current_thread())
        drained.set()

    with Presence(lambda: None, drain, every_seconds=600.0) as presence:
        presence.leave()
        assert drained.wait(10)
    assert by[0] is not threading.current_thread()


def test_a_drain_that_failed_is_tried_again() -> None:
    tries: list[int] = []

    def fail_first() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("no route to host")

    with Presence(lambda: None, fail_first, every_seconds=0.01) as presence:
        presence.leave()
        wait_until(lambda: len(tries) == 2)
