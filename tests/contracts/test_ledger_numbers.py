"""Numbers: exactly the budget's many trials, dense, whoever inserts them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from ledger_driver import LEASE_SECONDS, Driver, new_trial

from regtune.seeds import fit_seed
from service.store.endings import finish_if_done, stop_study
from service.store.errors import SuggestLeaseLost, UnknownStudy
from service.store.suggestions import acquire_suggest_lease, insert_trials, studies_needing_work


def test_numbers_continue_where_they_stopped(ledger: Driver) -> None:
    study_id = ledger.study(budget={"trials": 5})
    assert ledger.insert(study_id, map(new_trial, range(3))) == (0, 1, 2)
    assert ledger.insert(study_id, map(new_trial, range(3, 5))) == (3, 4)


def test_no_number_passes_the_budget(ledger: Driver) -> None:
    study_id = ledger.study(budget={"trials": 5})
    assert ledger.insert(study_id, map(new_trial, range(9))) == (0, 1, 2, 3, 4)
    assert ledger.insert(study_id, [new_trial(5)]) == ()


def test_a_number_that_is_not_the_next_is_not_taken(ledger: Driver) -> None:
    study_id = ledger.study(budget={"trials": 5})
    assert ledger.insert(study_id, [new_trial(1)]) == ()
    assert ledger.insert(study_id, [new_trial(0), new_trial(2)]) == (0,)


def test_concurrent_inserters_make_exactly_the_budget_dense(ledger: Driver) -> None:
    study_id = ledger.study(budget={"trials": 64})
    fence = ledger.lease(study_id).fence

    def insert(_: int) -> int:
        inserted = 0
        while (first := ledger.study_row(study_id)["trials_created"]) < 64:
            batch = [new_trial(number) for number in range(first, first + 5)]
            inserted += len(insert_trials(ledger.database, study_id, fence, batch))
        return inserted

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(insert, range(4)))
    assert sum(counts) == 64
    assert [row["number"] for row in ledger.trials(study_id)] == list(range(64))


def test_a_trial_comes_with_its_search_fit_and_its_seed(ledger: Driver) -> None:
    study_id = ledger.study(seed=7)
    ledger.insert(study_id, [new_trial(0, epochs=13)])
    (fit,) = ledger.fits(study_id)
    assert (fit["role"], fit["fold"], fit["repeat"], fit["epochs"]) == ("search", 0, 0, 13)
    assert fit["seed"] == fit_seed(7, 0, 0, 0)
    assert (fit["state"], fit["attempt"], fit["losses"], fit["engine"]) == ("queued", 0, 0, None)


def test_a_stale_suggest_fence_inserts_nothing(ledger: Driver) -> None:
    study_id = ledger.study()
    fence = ledger.lease(study_id).fence
    with pytest.raises(SuggestLeaseLost):
        insert_trials(ledger.database, study_id, fence - 1, [new_trial(0)])
    assert ledger.trials(study_id) == []


def test_an_owner_renews_its_suggest_lease_under_the_same_fence(ledger: Driver) -> None:
    study_id = ledger.study()
    assert ledger.lease(study_id) == ledger.lease(study_id)


def test_a_held_suggest_lease_is_not_given_to_another(ledger: Driver) -> None:
    study_id = ledger.study()
    ledger.lease(study_id, "one")
    assert acquire_suggest_lease(ledger.database, study_id, "two", LEASE_SECONDS) is None


def test_an_expired_suggest_lease_is_taken_over_under_the_next_fence(ledger: Driver) -> None:
    study_id = ledger.study()
    first = acquire_suggest_lease(ledger.database, study_id, "one", -1.0)
    second = acquire_suggest_lease(ledger.database, study_id, "two", LEASE_SECONDS)
    assert first is not None
    assert second is not None
    assert second.fence == first.fence + 1


def test_inserting_for_an_unknown_study_says_so(ledger: Driver) -> None:
    with pytest.raises(UnknownStudy):
        insert_trials(ledger.database, "unknown", 0, [new_trial(0)])


def test_a_study_wants_trials_until_its_budget_is_given_out(ledger: Driver) -> None:
    study_id = ledger.study(budget={"trials": 2})
    (before,) = studies_needing_work(ledger.database)
    ledger.insert(study_id, map(new_trial, range(2)))
    (after,) = studies_needing_work(ledger.database)
    assert (before.wants_trials, before.trials_wanted, before.queued) == (True, 2, 0)
    assert (after.wants_trials, after.trials_wanted, after.queued) == (False, 0, 2)


def test_a_study_that_has_ended_needs_no_work(ledger: Driver) -> None:
    study_id = ledger.study()
    stop_study(ledger.database, study_id, "drain")
    assert finish_if_done(ledger.database, study_id) is not None
    assert studies_needing_work(ledger.database) == ()
