"""How many lanes of a program a worker can hold is lowered, never raised, and told to that worker alone."""

import pytest
from ledger_driver import Driver, new_trial

from service.store.claims import claim, program_of_run
from service.store.errors import LeaseLost, RunWithoutProgram
from service.store.lane_caps import lower_lane_cap
from service.store.leases import expire_leases
from service.store.runs import Run, open_run, release


def run_of(ledger: Driver, study_id: str, worker_id: str, count: int = 1) -> Run:
    run = open_run(ledger.database, study_id, worker_id, 60.0)
    assert run is not None
    assert claim(ledger.database, run, count)
    return run


def cap_of(ledger: Driver, run: Run) -> int | None:
    return program_of_run(ledger.database, run).lane_cap


def test_a_worker_without_a_cap_is_told_none(ledger: Driver) -> None:
    run, _ = ledger.start(ledger.study_with_trials(1), 1)
    assert cap_of(ledger, run) is None


def test_a_cap_is_lowered_and_never_raised(ledger: Driver) -> None:
    run, _ = ledger.start(ledger.study_with_trials(1), 1)
    found = []
    for cap in (8, 12, 4, 6):
        lower_lane_cap(ledger.database, run, cap)
        found.append(cap_of(ledger, run))
    assert found == [8, 8, 4, 4]


def test_the_next_run_of_the_worker_is_told_and_another_worker_is_not(ledger: Driver) -> None:
    study_id, worker_id = ledger.study_with_trials(3), ledger.worker()
    first = run_of(ledger, study_id, worker_id)
    lower_lane_cap(ledger.database, first, 4)
    release(ledger.database, first)
    assert cap_of(ledger, run_of(ledger, study_id, worker_id)) == 4
    assert cap_of(ledger, run_of(ledger, study_id, ledger.worker())) is None


def test_a_cap_is_of_one_program(ledger: Driver) -> None:
    study_id, worker_id = ledger.study(), ledger.worker()
    ledger.insert(study_id, [new_trial(0, program="wide"), new_trial(1, program="deep")])
    lower_lane_cap(ledger.database, run_of(ledger, study_id, worker_id), 4)
    assert cap_of(ledger, run_of(ledger, study_id, worker_id)) is None


def test_lowering_a_cap_leaves_fits_their_attempt_and_losses(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    run, _ = ledger.start(study_id, 2)
    before = ledger.snapshot(study_id)
    lower_lane_cap(ledger.database, run, 1)
    assert ledger.snapshot(study_id) == before


def test_a_worker_that_was_lost_holds_half_as_many_when_it_comes_back(ledger: Driver) -> None:
    study_id, worker_id = ledger.study_with_trials(8), ledger.worker()
    lost = run_of(ledger, study_id, worker_id, count=6)
    ledger.expire(lost)
    expire_leases(ledger.database)
    assert cap_of(ledger, run_of(ledger, study_id, worker_id)) == 3


def test_a_worker_that_was_lost_with_one_fit_may_hold_as_many_as_before(ledger: Driver) -> None:
    study_id, worker_id = ledger.study_with_trials(2), ledger.worker()
    lost = run_of(ledger, study_id, worker_id)
    ledger.expire(lost)
    expire_leases(ledger.database)
    assert cap_of(ledger, run_of(ledger, study_id, worker_id)) is None


def test_a_run_that_is_lost_or_has_no_program_lowers_nothing(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    with pytest.raises(RunWithoutProgram):
        lower_lane_cap(ledger.database, ledger.open(study_id), 4)
    run, _ = ledger.start(study_id, 1)
    ledger.expire(run)
    expire_leases(ledger.database)
    with pytest.raises(LeaseLost):
        lower_lane_cap(ledger.database, run, 4)
