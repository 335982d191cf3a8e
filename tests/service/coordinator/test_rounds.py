"""Rounds go on: one study's errors do not reach another, and a database that is away is waited for."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import pytest
from ledger_driver import Driver, completed
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from waiting import wait_until

from regcore.catalog import load
from service.coordinator import rounds
from service.coordinator.dispatch import Dispatcher
from service.coordinator.rounds import MOST_ERRORS, Rounds
from service.coordinator.suggesting import Suggesting
from service.coordinator.sweep import ALL_BUSY, NO_WORKER
from service.store.database import Database
from service.store.runs import release
from service.store.suggestions import acquire_suggest_lease
from service.store.tables import studies, workers

NEVER = Event()
RANDOM: dict[str, Any] = {"sampler": {"kind": "random"}, "budget": {"trials": 20}}


class FakeBroker:
    """A queue in memory."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def unread(self) -> int:
        return len(self.messages)

    def wake(self, study_id: str) -> None:
        self.messages.append(study_id)


@pytest.fixture
def driver(database: Database) -> Driver:
    return Driver(database)


def rounds_of(driver: Driver, *, broker: FakeBroker | None = None, sweep_seconds: float = 0.0) -> Rounds:
    suggesting = Suggesting(driver.database, load(), "one", lease_seconds=30.0)
    return Rounds(driver.database, suggesting, None if broker is None else Dispatcher(broker), sweep_seconds)


def in_a_thread(work: Callable[[Event], None]) -> tuple[Thread, Event]:
    stop = Event()
    thread = Thread(target=work, args=(stop,))
    thread.start()
    return thread, stop


def spoil(driver: Driver, study_id: str) -> None:
    """Gives a study a definition that nobody can read."""
    with driver.database.write() as connection:
        connection.execute(update(studies).where(studies.c.id == study_id).values(definition={}))


def test_a_round_gives_every_study_its_trials(driver: Driver) -> None:
    first, second = driver.study(**RANDOM), driver.study(**RANDOM)
    rounds_of(driver).once(NEVER)
    assert [len(driver.trials(study_id)) for study_id in (first, second)] == [20, 20]


def test_a_study_with_an_error_does_not_stop_the_others(driver: Driver) -> None:
    spoiled, sound = driver.study(**RANDOM), driver.study(**RANDOM)
    spoil(driver, spoiled)
    rounds_of(driver).once(NEVER)
    assert len(driver.trials(sound)) == 20
    assert driver.study_row(spoiled)["state"] == "queued"


def test_a_study_whose_errors_repeat_ends_as_failed(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "_TROUBLE_SECONDS", 0.0)
    study_id = driver.study(**RANDOM)
    spoil(driver, study_id)
    going = rounds_of(driver)
    for _ in range(MOST_ERRORS - 1):
        going.once(NEVER)
        assert driver.study_row(study_id)["state"] == "queued"
    going.once(NEVER)
    ended = driver.study_row(study_id)
    assert (ended["state"], ended["stop_reason"]) == ("failed", "internal")


def test_a_study_with_an_error_is_left_alone_for_a_while(driver: Driver, caplog: pytest.LogCaptureFixture) -> None:
    study_id = driver.study(**RANDOM)
    spoil(driver, study_id)
    going = rounds_of(driver)
    for _ in range(5):
        going.once(NEVER)
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 1


def test_what_a_lost_worker_held_is_queued_again(driver: Driver) -> None:
    study_id = driver.study_with_trials(4)
    run, _ = driver.start(study_id, 4)
    driver.expire(run)
    rounds_of(driver).once(NEVER)
    assert driver.states(study_id) == ["queued"] * 4
    assert [row["attempt"] for row in driver.fits(study_id)] == [1] * 4


def test_between_sweeps_nothing_is_taken_back(driver: Driver) -> None:
    study_id = driver.study_with_trials(1)
    going = rounds_of(driver, sweep_seconds=3600.0)
    going.once(NEVER)
    run, _ = driver.start(study_id, 1)
    driver.expire(run)
    going.once(NEVER)
    assert driver.states(study_id) == ["running"]


def test_a_study_whose_wall_time_is_spent_is_ended_though_nobody_trains_it(driver: Driver) -> None:
    study_id = driver.study_with_trials(2, budget={"wall_seconds": 10.0})
    run, (fit,) = driver.start(study_id, 1)
    driver.tick(run, 1, ended=[completed(fit)])
    driver.start_ago(study_id, 11.0)
    rounds_of(driver).once(NEVER)
    ended = driver.study_row(study_id)
    assert (ended["state"], ended["stop_reason"]) == ("completed", "budget_wall")


def test_a_study_says_that_no_worker_runs_until_one_does(driver: Driver) -> None:
    study_id = driver.study(**RANDOM)
    going = rounds_of(driver)
    going.once(NEVER)
    going.once(NEVER)
    assert driver.study_row(study_id)["waiting"] == NO_WORKER
    driver.worker()
    going.once(NEVER)
    assert driver.study_row(study_id)["waiting"] is None


def test_a_study_says_that_all_workers_are_busy_until_one_trains_it(driver: Driver) -> None:
    first, second = driver.study(**RANDOM), driver.study(**RANDOM)
    going = rounds_of(driver)
    going.once(NEVER)
    run, _ = driver.start(first, 1)
    going.once(NEVER)
    assert driver.study_row(second)["waiting"] == ALL_BUSY
    assert driver.study_row(first)["waiting"] is None
    release(driver.database, run)
    going.once(NEVER)
    assert driver.study_row(second)["waiting"] is None


def test_idle_workers_are_woken_in_the_round_that_queues_the_trials(driver: Driver) -> None:
    study_id = driver.study(**RANDOM)
    driver.worker()
    broker = FakeBroker()
    rounds_of(driver, broker=broker).once(NEVER)
    assert broker.messages == [study_id]


def test_workers_that_train_stopped_or_are_gone_are_not_woken(driver: Driver) -> None:
    driver.start(driver.study_with_trials(1), 1)
    gone = driver.worker()
    with driver.database.write() as connection:
        long_ago = workers.c.started_at
        connection.execute(update(workers).where(workers.c.id == gone).values(stopped_at=long_ago))
    driver.study(**RANDOM)
    broker = FakeBroker()
    rounds_of(driver, broker=broker).once(NEVER)
    assert broker.messages == []


def test_a_database_that_is_away_is_said_once_and_waited_for(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    study_id = driver.study(**RANDOM)
    really, failures = rounds.studies_needing_work, iter(range(3))

    def away(database: Database) -> Any:
        if next(failures, None) is not None:
            raise OperationalError("SELECT", {}, ConnectionError("connection refused"))
        return really(database)

    monkeypatch.setattr(rounds, "studies_needing_work", away)
    thread, stop = in_a_thread(rounds_of(driver).run)
    wait_until(lambda: len(driver.trials(study_id)) == 20)
    stop.set()
    thread.join()
    assert [record.levelname for record in caplog.records if record.name == rounds.__name__] == ["WARNING", "INFO"]


def test_asked_to_stop_it_ends_at_once_and_gives_up_its_leases(driver: Driver) -> None:
    study_id = driver.study(sampler={"kind": "tpe"})
    thread, stop = in_a_thread(rounds_of(driver).run)
    wait_until(lambda: len(driver.trials(study_id)) == 10)
    stop.set()
    thread.join(timeout=2.0)
    assert not thread.is_alive()
    assert acquire_suggest_lease(driver.database, study_id, "another", 30.0) is not None
