"""Trials as lists show them, and one trial with everything that is known of it."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

import pytest
from answers import document_of, errors_of, problem_of
from fastapi.testclient import TestClient
from ledger_driver import Driver, completed, failed, report

from service.store.database import Database
from service.store.leases import expire_leases
from service.store.outcomes import Completed, FitEnded

ROW = {
    "number",
    "state",
    "origin",
    "attempt",
    "setting",
    "value",
    "values",
    "gap",
    "best_epoch",
    "stop",
    "created_at",
    "started_at",
    "finished_at",
}
WHOLE = ROW | {"metrics", "value_last", "cost", "attempts", "fits", "error", "engine"}


@pytest.fixture
def ledger(database: Database) -> Driver:
    """A hand on what is stored, on either database."""
    return Driver(database)


def rows(client: TestClient, study_id: str, query: str = "") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = document_of(client.get(f"/api/v1/studies/{study_id}/trials{query}"))["items"]
    return items


def whole(client: TestClient, study_id: str, number: int) -> dict[str, Any]:
    return document_of(client.get(f"/api/v1/studies/{study_id}/trials/{number}"))


def test_a_study_without_trials_has_an_empty_list(client_on_either: TestClient, ledger: Driver) -> None:
    answer = document_of(client_on_either.get(f"/api/v1/studies/{ledger.study()}/trials"))
    assert answer == {"items": [], "next_page_token": None, "total": 0}


def test_a_queued_trial_has_a_setting_and_nothing_else_yet(client_on_either: TestClient, ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    second = rows(client_on_either, study_id)[1]
    assert second.keys() == ROW
    assert datetime.fromisoformat(second.pop("created_at")).utcoffset() is not None
    assert second == {
        **dict.fromkeys(ROW - {"created_at"}),
        "number": 1,
        "state": "queued",
        "origin": "sampler",
        "attempt": 0,
        "setting": {"dropout.rate": 0.001},
        "values": [],
    }


def test_a_completed_trial_has_its_value_its_gap_and_why_it_ended(client_on_either: TestClient, ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    run, (fit,) = ledger.start(study_id, 1)
    ledger.tick(run, 1, [report(fit, 1)], [completed(fit, 0.75, "early_stopping", 7)])
    (row,) = rows(client_on_either, study_id)
    assert (row["state"], row["value"], row["values"], row["gap"], row["best_epoch"]) == (
        "completed",
        0.75,
        [0.75],
        0.1,
        1,
    )
    assert (row["stop"]["by"], row["stop"]["epoch"]) == ("early_stopping", 7)
    assert row["started_at"] <= row["finished_at"]


def test_one_trial_has_the_row_and_all_the_rest(client_on_either: TestClient, ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    run, (fit,) = ledger.start(study_id, 1)
    ledger.tick(run, 1, [report(fit, 1), report(fit, 2)], [completed(fit, 0.75)])
    trial = whole(client_on_either, study_id, 0)
    assert trial.keys() == WHOLE
    assert {key: trial[key] for key in ROW} == rows(client_on_either, study_id)[0]
    assert (trial["value_last"], trial["metrics"], trial["error"]) == (0.75, {"accuracy": 0.75}, None)
    assert trial["attempts"] == [{"fit_id": fit.id, "attempt": 0, "first_epoch": 1, "last_epoch": 2}]
    assert trial["cost"] == {"epochs": 2, "device_seconds": 1.0}
    (of_trial,) = trial["fits"]
    assert (of_trial["id"], of_trial["role"], of_trial["state"]) == (fit.id, "search", "completed")


def test_a_trial_that_the_pruner_cut_shows_no_value_but_its_last(client_on_either: TestClient, ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2, pruner={"kind": "asha"})
    run, (fit, _) = ledger.start(study_id, 2)
    ledger.tick(run, 1, [report(fit, 4)], [completed(fit, 0.75, "pruner", 4)])
    row = rows(client_on_either, study_id)[0]
    assert (row["state"], row["stop"]["by"], row["stop"]["epoch"]) == ("pruned", "pruner", 4)
    assert (row["value"], row["values"], row["gap"], row["best_epoch"]) == (None, [], None, 1)
    cut = whole(client_on_either, study_id, 0)
    assert (cut["value"], cut["values"], cut["value_last"], cut["metrics"]) == (None, [], 0.75, {"accuracy": 0.75})
    assert document_of(client_on_either.get(f"/api/v1/studies/{study_id}"))["best"] is None


def test_a_failed_trial_says_why_and_at_which_epoch_and_has_no_stop(
    client_on_either: TestClient, ledger: Driver
) -> None:
    study_id = ledger.study_with_trials(1)
    run, (fit,) = ledger.start(study_id, 1)
    ledger.tick(run, 1, [report(fit, 1)], [failed(fit, epoch=3)])
    trial = whole(client_on_either, study_id, 0)
    assert (trial["state"], trial["stop"], trial["value"], trial["values"]) == ("failed", None, None, [])
    assert trial["error"] == {"code": "diverged", "message": "its loss is not a number", "epoch": 3, "detail": None}


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_null(client_on_either: TestClient, ledger: Driver, number: float) -> None:
    study_id = ledger.study_with_trials(1)
    run, (fit,) = ledger.start(study_id, 1)
    outcome = Completed(number, number, 1, "epochs", 1, "it ended", {"accuracy": 0.5, "log_loss": number}, number)
    ledger.tick(run, 1, [], [FitEnded(fit.id, fit.attempt, outcome)])
    trial = whole(client_on_either, study_id, 0)
    assert (trial["value"], trial["values"], trial["value_last"], trial["gap"]) == (None, [None], None, None)
    assert trial["metrics"] == {"accuracy": 0.5, "log_loss": None}
    (row,) = rows(client_on_either, study_id)
    assert (row["value"], row["values"], row["gap"]) == (None, [None], None)
    assert document_of(client_on_either.get(f"/api/v1/studies/{study_id}"))["best"] is None


def test_a_lost_worker_s_trial_is_at_its_next_attempt(client_on_either: TestClient, ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    run, (fit,) = ledger.start(study_id, 1)
    ledger.tick(run, 1, [report(fit, 1)])
    ledger.expire(run)
    expire_leases(ledger.database)
    next_run, (again,) = ledger.start(study_id, 1)
    ledger.tick(next_run, 1, [report(again, 1), report(again, 2)])
    trial = whole(client_on_either, study_id, 0)
    assert (trial["state"], trial["attempt"]) == ("running", 1)
    assert [(one["attempt"], one["last_epoch"]) for one in trial["attempts"]] == [(0, 1), (1, 2)]


def test_trials_are_filtered_by_states_and_by_origin(client_on_either: TestClient, ledger: Driver) -> None:
    study_id = ledger.study_with_trials(4)
    run, (first, second) = ledger.start(study_id, 2)
    ledger.tick(run, 1, [], [completed(first), failed(second)])

    def numbers(query: str) -> list[int]:
        return [row["number"] for row in rows(client_on_either, study_id, query)]

    assert numbers("?state=completed") == [0]
    assert numbers("?state=completed&state=failed") == [0, 1]
    assert numbers("?state=pruned") == []
    assert numbers("?origin=sampler&state=queued") == [2, 3]
    assert numbers("?origin=baseline") == []


def test_a_filter_that_there_is_not_is_refused(client_on_either: TestClient, ledger: Driver) -> None:
    study_id = ledger.study()
    for query, *error in (
        ("state=done", "/query/state/0", "literal_error"),
        ("origin=mine", "/query/origin", "literal_error"),
        ("origin=sampler&origin=baseline", "/query/origin", "duplicate"),
        ("order_by=gap", "/query/order_by", "bad_page"),
        ("since=3", "/query/since", "unknown_key"),
    ):
        response = client_on_either.get(f"/api/v1/studies/{study_id}/trials?{query}")
        assert errors_of(response) == [tuple(error)]


def test_an_unknown_number_is_not_found(client_on_either: TestClient, ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    for path in ("trials/1", "trials/1/curve", "trials/2147483647"):
        assert "trial" in problem_of(client_on_either.get(f"/api/v1/studies/{study_id}/{path}"), 404)["detail"]


def test_what_is_no_number_of_a_trial_is_refused(client_on_either: TestClient, ledger: Driver) -> None:
    study_id = ledger.study()
    for number in ("-1", "x", "1.5", "2147483648", "9" * 30):
        response = client_on_either.get(f"/api/v1/studies/{study_id}/trials/{number}")
        assert [pointer for pointer, _ in errors_of(response)] == ["/path/number"]
