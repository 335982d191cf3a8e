"""A program's engine is bound once, by the first run that trains it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from ledger_driver import Driver, new_trial

from service.store.claims import program_of_run
from service.store.errors import LeaseLost, RunWithoutProgram
from service.store.leases import expire_leases
from service.store.programs import bind_engine


def warnings(ledger: Driver, study_id: str) -> list[str]:
    return list(ledger.study_row(study_id)["warnings"])


def test_the_first_choice_is_bound_and_the_second_learns_of_it(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    first, _ = ledger.start(study_id, 1)
    second, _ = ledger.start(study_id, 1)
    assert program_of_run(ledger.database, first).engine is None
    assert bind_engine(ledger.database, first, "compiled", "it pays") == "compiled"
    assert bind_engine(ledger.database, second, "eager", "no compiler", warning="slow") == "compiled"
    assert program_of_run(ledger.database, second).engine == "compiled"
    assert warnings(ledger, study_id) == []


def test_fits_of_the_program_show_it_those_queued_later_too(ledger: Driver) -> None:
    study_id = ledger.study()
    ledger.insert(study_id, [new_trial(0, program="wide"), new_trial(1, program="deep")])
    run, _ = ledger.start(study_id, 1)
    bind_engine(ledger.database, run, "alone", "wide layers")
    ledger.insert(study_id, [new_trial(2, program="wide"), new_trial(3, program="deep")])
    assert [fit["engine"] for fit in ledger.fits(study_id)] == ["alone", None, "alone", None]


def test_a_warning_of_the_choice_reaches_the_study_once(ledger: Driver) -> None:
    study_id = ledger.study()
    ledger.insert(study_id, [new_trial(0, program="wide"), new_trial(1, program="deep")])
    for _ in range(2):
        run, _ = ledger.start(study_id, 1)
        bind_engine(ledger.database, run, "eager", "no compiler", warning="trained slowly: no C++ compiler")
    assert warnings(ledger, study_id) == ["trained slowly: no C++ compiler"]


def test_of_many_at_once_one_binds(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(6)
    runs = [ledger.start(study_id, 1)[0] for _ in range(6)]
    engines = ("compiled", "eager", "alone") * 2
    with ThreadPoolExecutor(6) as threads:
        bound = set(
            threads.map(lambda pair: bind_engine(ledger.database, *pair, "why"), zip(runs, engines, strict=True))
        )
    assert len(bound) == 1
    assert {fit["engine"] for fit in ledger.fits(study_id)} == bound


def test_a_run_that_is_lost_or_has_no_program_binds_nothing(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    empty = ledger.open(study_id)
    with pytest.raises(RunWithoutProgram):
        bind_engine(ledger.database, empty, "eager", "why")
    run, _ = ledger.start(study_id, 1)
    ledger.expire(run)
    expire_leases(ledger.database)
    with pytest.raises(LeaseLost):
        bind_engine(ledger.database, run, "eager", "why")
