"""Refills: a tick claims, in its own transaction, for the lanes that its ends left free, and a few fits ahead."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ledger_driver import Driver, completed, failed, report

from service.store.claims import ClaimedFit, Wanted
from service.store.endings import stop_study
from service.store.errors import LeaseLost
from service.store.runs import release
from service.store.workers import drain_worker


def numbers(fits: tuple[ClaimedFit, ...]) -> list[int | None]:
    return [fit.trial_number for fit in fits]


def test_a_tick_claims_for_the_lanes_that_its_ends_left_free(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(4)
    run, (first, _) = ledger.start(study_id, 2)
    answer = ledger.tick(run, 1, [report(first, 1)], [completed(first)], wanted=Wanted(at_once=1))
    assert numbers(answer.claimed) == [2]
    assert ledger.states(study_id) == ["completed", "running", "running", "queued"]


def test_of_those_wanted_ahead_a_tick_claims_a_quarter_of_what_else_is_queued(ledger: Driver) -> None:
    run, _ = ledger.start(ledger.study_with_trials(14), 1)
    assert numbers(ledger.tick(run, 1, wanted=Wanted(at_once=1, ahead=5)).claimed) == [1, 2, 3, 4]


def test_no_more_are_claimed_ahead_than_are_wanted(ledger: Driver) -> None:
    run, _ = ledger.start(ledger.study_with_trials(40), 1)
    assert numbers(ledger.tick(run, 1, wanted=Wanted(ahead=2)).claimed) == [1, 2]


def test_the_last_queued_fits_are_left_to_who_has_a_lane_for_them(ledger: Driver) -> None:
    run, _ = ledger.start(ledger.study_with_trials(4), 1)
    assert ledger.tick(run, 1, wanted=Wanted(ahead=5)).claimed == ()
    assert numbers(ledger.tick(run, 2, wanted=Wanted(at_once=5)).claimed) == [1, 2, 3]


def test_the_same_tick_twice_claims_once(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(10)
    run, _ = ledger.start(study_id, 1)
    ledger.tick(run, 1, wanted=Wanted(at_once=1))
    before = ledger.snapshot(study_id)
    assert ledger.tick(run, 1, wanted=Wanted(at_once=1)).claimed == ()
    assert ledger.snapshot(study_id) == before


def test_a_refused_tick_claims_nothing(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(10)
    run, _ = ledger.start(study_id, 1)
    before = ledger.snapshot(study_id)
    with pytest.raises(LeaseLost):
        ledger.tick(replace(run, fence=run.fence - 1), 1, wanted=Wanted(at_once=1))
    assert ledger.snapshot(study_id) == before


def test_a_tick_of_a_run_that_drains_claims_nothing(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(10)
    worker_id = ledger.worker()
    run, _ = ledger.start(study_id, 1, worker_id)
    drain_worker(ledger.database, worker_id)
    answer = ledger.tick(run, 1, wanted=Wanted(at_once=1, ahead=1))
    assert (answer.drain, answer.claimed) == (True, ())


def test_a_tick_of_a_study_that_ends_now_claims_nothing(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(10)
    run, (fit,) = ledger.start(study_id, 1)
    stop_study(ledger.database, study_id, "now")
    answer = ledger.tick(run, 1, wanted=Wanted(at_once=1))
    assert (answer.cancel, answer.claimed) == ((fit.id,), ())


def test_a_tick_that_spends_the_budget_claims_nothing(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(10, budget={"failed_trials": 1})
    run, (fit,) = ledger.start(study_id, 1)
    assert ledger.tick(run, 1, ended=[failed(fit)], wanted=Wanted(at_once=1)).claimed == ()


def test_no_more_is_claimed_than_the_epochs_left_pay_for(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(10, budget={"epochs": 50})
    run, _ = ledger.start(study_id, 1)
    assert numbers(ledger.tick(run, 1, wanted=Wanted(at_once=9)).claimed) == [1, 2]


def test_what_was_claimed_ahead_goes_back_as_it_was(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(20)
    run, _ = ledger.start(study_id, 1)
    (ahead, *_) = ledger.tick(run, 1, wanted=Wanted(ahead=3)).claimed
    release(ledger.database, run)
    row = next(row for row in ledger.fits(study_id) if row["id"] == ahead.id)
    assert (row["state"], row["attempt"], row["losses"]) == ("queued", 0, 0)
