"""A lease is renewed while other work goes on, and a worker that cannot renew it stops by its own clock."""

from __future__ import annotations

import threading
import time

import pytest
from waiting import wait_until

from service.store.errors import LeaseLost
from worker.renewal import LeaseNotRenewed, Renewal


def test_the_lease_is_renewed_several_times_within_it() -> None:
    renewals: list[float] = []
    began = time.monotonic()
    with Renewal(lambda: renewals.append(time.monotonic()), lease_seconds=0.9, asked_at=began) as renewal:
        wait_until(lambda: len(renewals) >= 4)
        renewal.check()
    assert renewals[1] - began < 0.9


def test_a_refused_lease_is_lost_for_good() -> None:
    refused = threading.Event()

    def refuse() -> None:
        refused.set()
        raise LeaseLost("run")

    with Renewal(refuse, lease_seconds=0.3, asked_at=time.monotonic()) as renewal:
        assert refused.wait(60)

        def is_lost() -> bool:
            try:
                renewal.check()
            except LeaseLost:
                return True
            return False

        wait_until(is_lost)


def test_a_database_that_stays_away_ends_the_run_by_the_workers_own_clock() -> None:
    def fail() -> None:
        raise OSError("no route to host")

    asked_at = time.monotonic()
    with Renewal(fail, lease_seconds=0.5, asked_at=asked_at) as renewal:
        renewal.check()
        wait_until(lambda: time.monotonic() - asked_at > 0.4)
        with pytest.raises(LeaseNotRenewed, match=r"the lease of 0\.5 s was not renewed for 0\.[4-9] s"):
            renewal.check()


def test_a_database_that_is_away_for_a_moment_does_not_end_the_run() -> None:
    calls: list[int] = []

    def fail_first() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise OSError("no route to host")

    began = time.monotonic()
    with Renewal(fail_first, lease_seconds=1.5, asked_at=began) as renewal:
        wait_until(lambda: time.monotonic() - began > 1.6)
        renewal.check()


def test_a_renewal_that_was_asked_for_before_a_long_wait_counts_from_the_asking() -> None:
    renewal = Renewal(lambda: None, lease_seconds=10.0, asked_at=time.monotonic() - 9.0)
    with pytest.raises(LeaseNotRenewed):
        renewal.check()
