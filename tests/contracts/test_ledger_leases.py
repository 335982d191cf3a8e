"""Leases: what a lost worker held is queued again as another attempt, what a leaving one held as the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from ledger_driver import LEASE_SECONDS, Driver, report

from service.store.claims import claim
from service.store.endings import stop_study
from service.store.errors import LeaseLost
from service.store.leases import expire_leases
from service.store.runs import release, renew


def _lose(ledger: Driver, study_id: str, count: int) -> None:
    run, fits = ledger.start(study_id, count)
    assert len(fits) == count
    ledger.expire(run)
    expire_leases(ledger.database)


def test_a_lease_that_has_not_passed_is_left_alone(ledger: Driver) -> None:
    ledger.start(ledger.study_with_trials(1), 1)
    assert expire_leases(ledger.database) == []


def test_what_a_lost_worker_held_is_queued_as_another_attempt(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    run, fits = ledger.start(study_id, 1)
    ledger.expire(run)
    (expired,) = expire_leases(ledger.database)
    assert (expired.run_id, expired.fits.queued) == (run.id, (fits[0].id,))
    fit, trial = ledger.fits(study_id)[0], ledger.trials(study_id)[0]
    assert (fit["state"], fit["attempt"], fit["losses"], fit["run_id"]) == ("queued", 1, 1, None)
    assert (trial["state"], trial["attempt"]) == ("queued", 1)


def test_a_requeued_fit_keeps_its_seed_and_is_claimed_first_again(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(3)
    seed = ledger.fits(study_id)[0]["seed"]
    _lose(ledger, study_id, 1)
    _, (again,) = ledger.start(study_id, 1)
    assert (again.trial_number, again.seed, again.attempt) == (0, seed, 1)


def test_the_reports_of_a_lost_attempt_stay(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    run, (fit,) = ledger.start(study_id, 1)
    ledger.tick(run, 1, [report(fit, 1)])
    ledger.expire(run)
    expire_leases(ledger.database)
    second, (again,) = ledger.start(study_id, 1)
    ledger.tick(second, 1, [report(again, 1)])
    assert [(row["attempt"], row["epoch"]) for row in ledger.reports(study_id)] == [(0, 1), (1, 1)]


def test_a_worker_that_comes_back_writes_nothing(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    run, (fit,) = ledger.start(study_id, 1)
    ledger.expire(run)
    expire_leases(ledger.database)
    before = ledger.snapshot(study_id)
    with pytest.raises(LeaseLost):
        ledger.tick(run, 1, [report(fit, 1)])
    with pytest.raises(LeaseLost):
        renew(ledger.database, run, LEASE_SECONDS)
    with pytest.raises(LeaseLost):
        release(ledger.database, run)
    assert ledger.snapshot(study_id) == before


def test_three_losses_fail_a_fit_as_worker_lost(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    for _ in range(3):
        _lose(ledger, study_id, 1)
    fit, trial = ledger.fits(study_id)[0], ledger.trials(study_id)[0]
    assert (fit["state"], fit["losses"]) == ("failed", 3)
    assert (trial["state"], trial["error"]["code"]) == ("failed", "worker_lost")
    assert ledger.study_row(study_id)["trials_failed"] == 1


def test_a_study_whose_last_trial_loses_three_workers_ends(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    for _ in range(3):
        _lose(ledger, study_id, 1)
    ended = ledger.study_row(study_id)
    assert (ended["state"], ended["stop_reason"]) == ("failed", "too_many_failures")


def test_fits_that_lost_two_workers_are_claimed_with_their_like_on_half_the_lanes(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(10)
    _lose(ledger, study_id, 6)
    _lose(ledger, study_id, 6)
    suspects = ledger.open(study_id)
    assert [fit.trial_number for fit in claim(ledger.database, suspects, 8)] == [0, 1, 2, 3]
    assert claim(ledger.database, suspects, 4) == ()
    _, others = ledger.start(study_id, 8)
    assert [fit.trial_number for fit in others] == [4, 5]


def test_innocent_fits_are_not_claimed_beside_suspects(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(10)
    _lose(ledger, study_id, 1)
    _lose(ledger, study_id, 1)
    _, suspects = ledger.start(study_id, 8)
    assert [fit.trial_number for fit in suspects] == [0]
    _, innocents = ledger.start(study_id, 16)
    assert [fit.trial_number for fit in innocents] == list(range(1, 10))


def test_a_release_queues_with_attempt_and_losses_as_they_were(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    _lose(ledger, study_id, 1)
    run, _ = ledger.start(study_id, 1)
    release(ledger.database, run)
    fit, trial = ledger.fits(study_id)[0], ledger.trials(study_id)[0]
    assert (fit["state"], fit["attempt"], fit["losses"]) == ("queued", 1, 1)
    assert (trial["state"], trial["attempt"]) == ("queued", 1)


def test_concurrent_sweeps_take_a_run_back_once(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(4)
    run, _ = ledger.start(study_id, 4)
    ledger.expire(run)
    with ThreadPoolExecutor(3) as pool:
        swept = [sweep.result() for sweep in [pool.submit(expire_leases, ledger.database) for _ in range(3)]]
    assert sum(map(len, swept)) == 1
    assert {fit["losses"] for fit in ledger.fits(study_id)} == {1}


def test_what_a_lost_worker_held_of_a_study_that_stops_now_is_cancelled(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    run, (fit,) = ledger.start(study_id, 1)
    ledger.tick(run, 1, [report(fit, 1)])
    stop_study(ledger.database, study_id, "now")
    ledger.expire(run)
    expire_leases(ledger.database)
    assert ledger.states(study_id) == ["cancelled", "cancelled"]
    assert ledger.trials(study_id)[0]["stop"]["epoch"] == 1
    assert ledger.study_row(study_id)["state"] == "stopped"
