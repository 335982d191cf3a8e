"""Suggesting from and into a real store: the right trials, exactly as many, whoever suggests and however often."""

from __future__ import annotations

from threading import Barrier, Event, Thread
from typing import Any

import pytest
from ledger_driver import Driver, completed, definition_of, failed, new_trial
from sqlalchemy.exc import OperationalError

from regcore.catalog import load
from regtune.space import default_setting, plain_setting
from service.coordinator.suggesting import Suggesting
from service.store.claims import claim
from service.store.database import Database
from service.store.endings import stop_study
from service.store.runs import release
from service.store.suggestions import insert_trials, studies_needing_work

SEARCH: dict[str, Any] = {
    "regularizers": [
        {"kind": "dropout", "rate": {"low": 0.0, "high": 0.8}, "gate": "search"},
        {"kind": "l2", "strength": {"low": 1e-6, "high": 1e-2, "log": True}},
        {"kind": "early_stopping"},
    ]
}
NEVER = Event()


@pytest.fixture
def driver(database: Database) -> Driver:
    return Driver(database)


def suggesting(driver: Driver, owner: str = "one") -> Suggesting:
    return Suggesting(driver.database, load(), owner, lease_seconds=30.0)


def look(driver: Driver, who: Suggesting, study_id: str | None = None) -> int:
    """One look at a study, or at all of them; gives how many trials were inserted."""
    studies = studies_needing_work(driver.database)
    return sum(who.suggest(study, NEVER) for study in studies if study_id in (None, study.id))


def settings_of(driver: Driver, study_id: str) -> list[dict[str, Any]]:
    return [row["setting"] for row in driver.trials(study_id)]


def train(driver: Driver, study_id: str, count: int) -> int:
    """Ends the next `count` queued trials with a value of their setting each; gives how many there were."""
    run = driver.open(study_id)
    claimed = claim(driver.database, run, count)
    values = [float(fit.setting["l2.strength"]) for fit in claimed if "l2.strength" in fit.setting]
    values += [0.0] * (len(claimed) - len(values))
    driver.tick(run, 1, ended=[completed(fit, value) for fit, value in zip(claimed, values, strict=True)])
    if driver.study_row(study_id)["state"] == "running":
        release(driver.database, run)
    return len(claimed)


def test_the_first_two_trials_are_the_baselines(driver: Driver) -> None:
    study_id = driver.study(baselines=True, **SEARCH)
    look(driver, suggesting(driver))
    definition = definition_of(baselines=True, **SEARCH)
    assert settings_of(driver, study_id)[:2] == [
        plain_setting(definition, load()),
        default_setting(definition, load()),
    ]
    assert [row["origin"] for row in driver.trials(study_id)[:3]] == ["baseline", "baseline", "sampler"]


def test_without_baselines_the_first_trial_is_sampled(driver: Driver) -> None:
    study_id = driver.study(baselines=False, **SEARCH)
    look(driver, suggesting(driver))
    assert {row["origin"] for row in driver.trials(study_id)} == {"sampler"}


def test_a_budget_of_one_trial_is_the_plain_baseline(driver: Driver) -> None:
    study_id = driver.study(baselines=True, budget={"trials": 1}, **SEARCH)
    assert look(driver, suggesting(driver)) == 1
    assert [row["origin"] for row in driver.trials(study_id)] == ["baseline"]


@pytest.mark.parametrize("kind", ["random", "qmc", "grid"])
def test_a_sampler_that_does_not_learn_fills_the_queue_up_to_256(driver: Driver, kind: str) -> None:
    driver.study(
        sampler={"kind": kind}, budget={"trials": 1000}, training={"epochs": {"low": 1, "high": 999}}, **SEARCH
    )
    who = suggesting(driver)
    # As many looks as it takes: one ends with its slice of time.
    assert sum(iter(lambda: look(driver, who), 0)) == 256


def test_the_estimator_waits_for_results_before_it_suggests_more(driver: Driver) -> None:
    study_id = driver.study(baselines=True, sampler={"kind": "tpe"}, budget={"trials": 100}, **SEARCH)
    who = suggesting(driver)
    assert look(driver, who) == 12
    assert look(driver, who) == 0
    train(driver, study_id, count=5)
    assert look(driver, who) == 3  # the two baselines were among the five
    train(driver, study_id, count=10)
    assert look(driver, who) == 10


def test_nothing_is_looked_at_twice_while_the_study_does_not_change(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.study(sampler={"kind": "random"}, budget={"trials": 10}, **SEARCH)
    driver.study(sampler={"kind": "tpe"}, **SEARCH)
    who = suggesting(driver)
    assert look(driver, who) == 20
    look(driver, who)
    studies = studies_needing_work(driver.database)
    driver.database.close()
    monkeypatch.setattr("service.coordinator.suggesting.history", None)
    assert [who.suggest(study, NEVER) for study in studies] == [0, 0]


@pytest.mark.parametrize("kind", ["random", "qmc", "grid", "tpe", "optuna_tpe"])
def test_a_new_coordinator_at_every_step_gives_the_same_trials(driver: Driver, kind: str) -> None:
    document = {**SEARCH, "sampler": {"kind": kind}, "budget": {"trials": 30}, "baselines": True}
    whole, restarted = driver.study(**document), driver.study(**document)
    steady = suggesting(driver)
    for turn in range(5):
        look(driver, steady, whole)
        another = suggesting(driver, owner=f"coordinator {turn}")
        look(driver, another, restarted)
        another.give_up_leases()
        for study_id in (whole, restarted):
            train(driver, study_id, count=6)
    assert settings_of(driver, whole) == settings_of(driver, restarted)
    assert len(settings_of(driver, whole)) == 30


@pytest.mark.parametrize("kind", ["random", "tpe", "optuna_tpe"])
def test_coordinators_beside_each_other_insert_exactly_the_budget_dense(driver: Driver, kind: str) -> None:
    study_id = driver.study(sampler={"kind": kind}, budget={"trials": 50}, **SEARCH)
    start, done = Barrier(3), Event()

    def coordinate(who: Suggesting) -> None:
        start.wait()
        while not done.is_set():
            look(driver, who)
            who.give_up_leases()

    threads = [Thread(target=coordinate, args=(suggesting(driver, f"coordinator {at}"),)) for at in range(3)]
    for thread in threads:
        thread.start()
    trained = 0
    while trained < 50:
        trained += train(driver, study_id, count=7) if "queued" in driver.states(study_id) else 0
    done.set()
    for thread in threads:
        thread.join()
    assert [row["number"] for row in driver.trials(study_id)] == list(range(50))
    assert driver.study_row(study_id)["stop_reason"] == "budget_trials"
    steady = driver.study(sampler={"kind": "random"}, budget={"trials": 50}, **SEARCH)
    look(driver, suggesting(driver, "alone"), steady)
    assert kind != "random" or settings_of(driver, study_id) == settings_of(driver, steady)


def test_nothing_is_inserted_while_another_coordinator_holds_the_lease(driver: Driver) -> None:
    study_id = driver.study(**SEARCH)
    driver.lease(study_id, owner="another")
    assert look(driver, suggesting(driver)) == 0
    assert driver.trials(study_id) == []


def test_a_coordinator_that_ends_lets_the_next_one_go_on_at_once(driver: Driver) -> None:
    study_id = driver.study(sampler={"kind": "tpe"}, budget={"trials": 20}, **SEARCH)
    first, second = suggesting(driver, "first"), suggesting(driver, "second")
    assert look(driver, first) == 10
    train(driver, study_id, count=10)
    first.give_up_leases()
    assert look(driver, second) == 10


def test_numbers_that_others_took_are_passed_over(driver: Driver) -> None:
    study_id = driver.study(sampler={"kind": "tpe"}, budget={"trials": 30}, **SEARCH)
    who = suggesting(driver)
    assert look(driver, who) == 10
    fence = driver.lease(study_id, owner="one").fence
    assert insert_trials(driver.database, study_id, fence, [new_trial(10, origin="enqueued")]) == (10,)
    train(driver, study_id, count=20)
    assert look(driver, who) == 10
    assert [row["number"] for row in driver.trials(study_id)] == list(range(21))


def test_failed_trials_leave_room_for_others(driver: Driver) -> None:
    study_id = driver.study(sampler={"kind": "tpe"}, budget={"trials": 30}, **SEARCH)
    who = suggesting(driver)
    look(driver, who)
    run, claimed = driver.start(study_id, 4)
    driver.tick(run, 1, ended=[failed(fit) for fit in claimed])
    assert look(driver, who) == 4


def test_a_stopped_study_gets_no_trials(driver: Driver) -> None:
    study_id = driver.study(**SEARCH)
    studies = studies_needing_work(driver.database)
    stop_study(driver.database, study_id, "drain")
    assert [suggesting(driver).suggest(study, NEVER) for study in studies] == [0]
    assert driver.trials(study_id) == []


def test_a_grid_smaller_than_the_budget_ends_the_study_as_exhausted(driver: Driver) -> None:
    regularizers = [
        {"kind": "batch_norm", "gate": "search", "momentum": 0.1, "epsilon": 1e-5},
        {"kind": "early_stopping"},
    ]
    study_id = driver.study(sampler={"kind": "grid"}, budget={"trials": 99}, baselines=True, regularizers=regularizers)
    who = suggesting(driver)
    assert look(driver, who) == 4
    look(driver, who)
    assert driver.study_row(study_id)["state"] == "queued"
    train(driver, study_id, count=4)
    ended = driver.study_row(study_id)
    assert (ended["state"], ended["stop_reason"], ended["trials_created"]) == ("completed", "space_exhausted", 4)


def test_asked_to_stop_it_returns_after_one_suggestion(driver: Driver) -> None:
    driver.study(sampler={"kind": "random"}, **SEARCH)
    stop = Event()
    stop.set()
    (study,) = studies_needing_work(driver.database)
    assert suggesting(driver).suggest(study, stop) == 1


@pytest.mark.parametrize("is_stored", [False, True], ids=["before the insert", "after the insert"])
def test_a_connection_that_breaks_costs_no_trials(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, is_stored: bool
) -> None:
    study_id = driver.study(sampler={"kind": "tpe"}, **SEARCH)

    def insert(*arguments: Any) -> tuple[int, ...]:
        if is_stored:
            insert_trials(*arguments)
        raise OperationalError("INSERT", {}, ConnectionError("connection reset"))

    who = suggesting(driver)
    monkeypatch.setattr("service.coordinator.suggesting.insert_trials", insert)
    with pytest.raises(OperationalError):
        look(driver, who)
    monkeypatch.undo()
    look(driver, who)
    assert [row["number"] for row in driver.trials(study_id)] == list(range(10))


def test_cut_trials_count_among_those_of_which_a_quarter_may_be_pending(driver: Driver) -> None:
    study_id = driver.study_with_trials(80, pruner={"kind": "asha"}, budget={"trials": 200}, **SEARCH)
    run, fits = driver.start(study_id, 80)
    driver.tick(run, 1, ended=[completed(fit, 0.5, "pruner", 1) for fit in fits])
    # The driver's own lease, under which it inserted the trials.
    assert look(driver, suggesting(driver, "coordinator"), study_id) == 20
