"""Reading studies: one, all of them, by state and by name, with their progress, baseline and best."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from answers import document_of, errors_of, problem_of
from fastapi.testclient import TestClient
from ledger_driver import Driver, completed, failed, report

from service.store.database import Database
from service.store.endings import stop_study
from service.store.outcomes import Failed, FitEnded

STUDIES = "/api/v1/studies"


@pytest.fixture
def ledger(sqlite_database: Database) -> Driver:
    """A hand on what is stored."""
    return Driver(sqlite_database)


def read(client: TestClient, study_id: str) -> dict[str, Any]:
    return document_of(client.get(f"{STUDIES}/{study_id}"))


def listed(client: TestClient, query: str = "") -> list[str]:
    return [study["id"] for study in document_of(client.get(f"{STUDIES}{query}"))["items"]]


def test_no_studies_are_an_empty_list(client: TestClient) -> None:
    assert document_of(client.get(STUDIES)) == {"items": [], "next_page_token": None, "total": None}


@pytest.mark.parametrize(
    ("query", "turned"), [("", True), ("?order_by=-created_at", True), ("?order_by=created_at", False)]
)
def test_the_newest_come_first_unless_told_otherwise(
    client: TestClient, ledger: Driver, query: str, turned: bool
) -> None:
    made = [ledger.study() for _ in range(3)]
    assert listed(client, query) == (made[::-1] if turned else made)


def test_a_list_has_the_studies_whole(client: TestClient, ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    (item,) = document_of(client.get(STUDIES))["items"]
    assert item == read(client, study_id)


def test_studies_are_filtered_by_state_and_by_name(client: TestClient, ledger: Driver) -> None:
    queued, running = ledger.study(name="one"), ledger.study_with_trials(1, name="two")
    ledger.start(running, 1)
    assert listed(client, "?state=queued") == [queued]
    assert listed(client, "?state=running") == [running]
    assert listed(client, "?name=two") == [running]
    assert listed(client, "?name=two&state=queued") == []


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("state=done", ("/query/state", "literal_error")),
        ("state=queued&state=running", ("/query/state", "duplicate")),
        ("name=a&name=b", ("/query/name", "duplicate")),
        ("name=a%00b", ("/query/name", "wrong_characters")),
        ("order_by=name", ("/query/order_by", "bad_page")),
        ("status=queued", ("/query/status", "unknown_key")),
    ],
)
def test_a_filter_that_there_is_not_is_refused(client: TestClient, query: str, error: tuple[str, str]) -> None:
    assert errors_of(client.get(f"{STUDIES}?{query}")) == [error]


def test_progress_counts_the_trials_by_state_and_what_they_cost(client: TestClient, ledger: Driver) -> None:
    study_id = ledger.study_with_trials(4, pruner=None)
    run, claimed = ledger.start(study_id, 3)
    ledger.tick(run, 1, [report(fit, 1) for fit in claimed], device_seconds=1.5)
    ledger.tick(run, 2, [], [completed(claimed[0], stop_by="early_stopping", stop_epoch=1), failed(claimed[1])], 0.5)
    study = read(client, study_id)
    progress = study["progress"]
    assert {name: progress[name] for name in ("queued", "running", "completed", "failed")} == {
        "queued": 1,
        "running": 1,
        "completed": 1,
        "failed": 1,
    }
    assert (progress["epochs_run"], progress["epochs_saved"], progress["device_seconds"]) == (3, 19, 2.0)
    assert progress["trials_per_second"] > 0
    assert progress["eta_seconds"] > 0
    assert study["state"] == "running"
    assert datetime.fromisoformat(study["started_at"]) >= datetime.fromisoformat(study["created_at"])


def test_the_best_and_the_baseline_appear_once_they_have_ended(client: TestClient, ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2, baselines=True)
    run, (plain, second) = ledger.start(study_id, 2)
    ledger.tick(run, 1, [report(plain, 1), report(second, 1)])
    assert (read(client, study_id)["baseline"], read(client, study_id)["best"]) == (None, None)
    ledger.tick(run, 2, [], [completed(second, value=0.9)])
    assert read(client, study_id)["baseline"] is None
    ledger.tick(run, 3, [], [completed(plain, value=0.7)])
    study = read(client, study_id)
    assert study["baseline"] == {"number": 0, "value": 0.7, "setting": {"dropout.rate": 0.0}}
    assert study["best"] == {"number": 1, "value": 0.9, "setting": {"dropout.rate": 0.001}}


def test_a_baseline_whose_value_is_no_number_is_there_with_null(client: TestClient, ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1, baselines=True)
    run, (plain,) = ledger.start(study_id, 1)
    ledger.tick(run, 1, [], [completed(plain, value=math.inf)])
    study = read(client, study_id)
    assert study["baseline"] == {"number": 0, "value": None, "setting": {"dropout.rate": 0.0}}
    assert study["best"] is None


def test_a_study_without_baselines_has_none(client: TestClient, ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1, baselines=False)
    run, (fit,) = ledger.start(study_id, 1)
    ledger.tick(run, 1, [], [completed(fit)])
    study = read(client, study_id)
    assert study["baseline"] is None
    assert study["best"]["number"] == 0


def test_an_ended_study_has_nothing_left_to_wait_for(client: TestClient, ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    run, (fit,) = ledger.start(study_id, 1)
    ledger.tick(run, 1, [], [completed(fit)])
    study = read(client, study_id)
    assert (study["state"], study["stop_reason"], study["winner"]) == ("completed", "budget_trials", None)
    assert study["progress"]["eta_seconds"] == 0
    assert study["finished_at"] is not None


def test_a_study_that_fits_no_worker_says_why_and_so_does_its_trial(client: TestClient, ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    run, (fit,) = ledger.start(study_id, 1)
    why = "one fit needs 2000 bytes of memory, and 1000 are free"
    stop_study(ledger.database, study_id, "now", "does_not_fit", why)
    ledger.tick(run, 1, [], [FitEnded(fit.id, fit.attempt, Failed("does_not_fit", why))])
    study = read(client, study_id)
    assert (study["state"], study["stop_reason"], study["warnings"]) == ("failed", "does_not_fit", [why])
    trial = document_of(client.get(f"{STUDIES}/{study_id}/trials/0"))
    assert (trial["error"]["code"], trial["error"]["message"]) == ("does_not_fit", why)


@pytest.mark.parametrize("study_id", ["01J00000000000000000000000", "nope", "a%20b", "%00", "a%0Ab"])
def test_an_unknown_study_is_not_found(client_on_either: TestClient, study_id: str) -> None:
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/trials"), ("GET", "/best"), ("POST", ":stop")):
        problem_of(client_on_either.request(method, f"{STUDIES}/{study_id}{path}"), 404)


def test_a_deleted_study_is_stopped_and_gone(
    client: TestClient, ledger: Driver, stored_rows: Callable[[], dict[str, int]]
) -> None:
    study_id = ledger.study_with_trials(2)
    ledger.start(study_id, 1)
    trials = stored_rows()["trials"]
    response = client.delete(f"{STUDIES}/{study_id}")
    assert (response.status_code, response.content) == (204, b"")
    assert listed(client) == []
    for path in ("", "/trials", "/trials/0", "/trials/0/curve", "/best"):
        problem_of(client.get(f"{STUDIES}/{study_id}{path}"), 404)
    problem_of(client.delete(f"{STUDIES}/{study_id}"), 404)
    assert ledger.study_row(study_id)["state"] == "stopping"
    assert stored_rows()["trials"] == trials


def test_waiting_for_a_change_is_refused_until_it_is_available(client: TestClient, ledger: Driver) -> None:
    response = client.get(f"{STUDIES}/{ledger.study()}?wait_s=30&version=1")
    assert errors_of(response) == [("/query/wait_s", "not_available"), ("/query/version", "not_available")]
