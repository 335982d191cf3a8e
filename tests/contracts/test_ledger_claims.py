"""Claims: each fit to one run, lowest number first, all of one program."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from ledger_driver import LEASE_SECONDS, Driver, completed, new_trial
from stored_studies import WINE

from service.store.claims import claim, claimable_studies, program_of_run
from service.store.endings import stop_study
from service.store.errors import LeaseLost, RunWithoutProgram
from service.store.runs import open_run, release
from service.store.workers import drain_worker


def test_the_lowest_numbers_are_claimed_first(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(5)
    run = ledger.open(study_id)
    assert [fit.trial_number for fit in claim(ledger.database, run, 2)] == [0, 1]
    assert [fit.trial_number for fit in claim(ledger.database, run, 9)] == [2, 3, 4]
    assert claim(ledger.database, run, 9) == ()


def test_a_claimed_fit_says_what_to_train(ledger: Driver) -> None:
    study_id = ledger.study(seed=3)
    ledger.insert(study_id, [new_trial(0, epochs=7)])
    _, (fit,) = ledger.start(study_id, 1)
    (row,) = ledger.fits(study_id)
    assert (fit.id, fit.seed, fit.epochs, fit.attempt) == (row["id"], row["seed"], 7, 0)
    assert (fit.role, fit.fold, fit.repeat, fit.setting) == ("search", 0, 0, {"dropout.rate": 0.0})


def test_a_claim_moves_fits_trials_and_the_study_to_running(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    ledger.start(study_id, 1)
    assert ledger.states(study_id) == ["running", "queued"]
    assert [fit["state"] for fit in ledger.fits(study_id)] == ["running", "queued"]
    study = ledger.study_row(study_id)
    assert study["state"] == "running"
    assert study["started_at"] is not None


def test_concurrent_claims_never_hand_a_fit_out_twice(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(60)
    runs = [ledger.open(study_id) for _ in range(4)]

    def take_all(number: int) -> list[int | None]:
        taken: list[int | None] = []
        while claimed := claim(ledger.database, runs[number], 3):
            taken += [fit.trial_number for fit in claimed]
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [number for numbers in pool.map(take_all, range(4)) for number in numbers]
    assert sorted(number for number in taken if number is not None) == list(range(60))


def test_a_run_claims_fits_of_one_program_that_of_the_oldest(ledger: Driver) -> None:
    study_id = ledger.study()
    programs = ["wide", "deep", "wide", "deep"]
    ledger.insert(study_id, [new_trial(number, program=name) for number, name in enumerate(programs)])
    first, second = ledger.open(study_id), ledger.open(study_id)
    assert [fit.trial_number for fit in claim(ledger.database, first, 9)] == [0, 2]
    assert [fit.trial_number for fit in claim(ledger.database, second, 9)] == [1, 3]


def test_a_run_stays_with_the_program_of_its_first_claim(ledger: Driver) -> None:
    study_id = ledger.study()
    ledger.insert(study_id, [new_trial(0, program="wide"), new_trial(1, program="deep")])
    run, _ = ledger.start(study_id, 9)
    assert claim(ledger.database, run, 9) == ()


def test_the_program_of_a_run_is_what_its_lanes_share(ledger: Driver) -> None:
    study_id = ledger.study(seed=11)
    ledger.insert(study_id, [new_trial(0, program="wide")])
    run, _ = ledger.start(study_id, 1)
    program = program_of_run(ledger.database, run)
    assert (program.digest, program.definition, program.engine) == ("wide", {"name": "wide"}, None)
    assert (program.study_seed, program.dataset_id, program.dataset) == (11, WINE.id, None)
    assert program.study_definition["dataset"] == WINE.name


def test_a_run_that_has_claimed_nothing_has_no_program(ledger: Driver) -> None:
    run = ledger.open(ledger.study_with_trials(1))
    with pytest.raises(RunWithoutProgram):
        program_of_run(ledger.database, run)


def test_no_run_opens_where_nothing_is_queued(ledger: Driver) -> None:
    assert open_run(ledger.database, ledger.study(), ledger.worker(), LEASE_SECONDS) is None


def test_a_run_that_drains_claims_nothing_and_is_told(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    worker_id = ledger.worker()
    run = open_run(ledger.database, study_id, worker_id, LEASE_SECONDS)
    assert run is not None
    claim(ledger.database, run, 1)
    drain_worker(ledger.database, worker_id)
    assert claim(ledger.database, run, 1) == ()
    assert ledger.tick(run, 1).drain


def test_draining_a_worker_leaves_the_others_alone(ledger: Driver) -> None:
    run, _ = ledger.start(ledger.study_with_trials(1), 1)
    drain_worker(ledger.database, ledger.worker())
    assert not ledger.tick(run, 1).drain


def test_a_closed_run_claims_nothing(ledger: Driver) -> None:
    run = ledger.open(ledger.study_with_trials(1))
    release(ledger.database, run)
    with pytest.raises(LeaseLost):
        claim(ledger.database, run, 1)


def test_studies_with_queued_fits_are_claimable_by_priority_then_age(ledger: Driver) -> None:
    first = ledger.study_with_trials(1)
    urgent = ledger.study_with_trials(1, priority=5)
    ledger.study()
    assert claimable_studies(ledger.database) == (urgent, first)


def test_a_stopped_study_is_not_claimable(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    ledger.start(study_id, 1)
    stop_study(ledger.database, study_id, "drain")
    assert claimable_studies(ledger.database) == ()


def test_what_is_given_back_while_a_study_drains_is_claimable_again(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    run, _ = ledger.start(study_id, 1)
    stop_study(ledger.database, study_id, "drain")
    release(ledger.database, run)
    assert claimable_studies(ledger.database) == (study_id,)
    again, (fit,) = ledger.start(study_id, 9)
    ledger.tick(again, 1, ended=[completed(fit)])
    assert ledger.study_row(study_id)["state"] == "completed"
