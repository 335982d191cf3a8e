"""Stopping a study: `drain` lets running trials end, `now` cancels them, and an ended study cannot be stopped."""

from __future__ import annotations

from typing import Any

import pytest
from answers import document_of, errors_of, message_of, problem_of
from fastapi.testclient import TestClient
from ledger_driver import Driver, completed, report

from service.store.claims import ClaimedFit
from service.store.database import Database
from service.store.runs import Run


@pytest.fixture
def ledger(database: Database) -> Driver:
    """A hand on what is stored, on either database."""
    return Driver(database)


def stop(client: TestClient, study_id: str, mode: str | None = None) -> dict[str, Any]:
    body = None if mode is None else {"mode": mode}
    return document_of(client.post(f"/api/v1/studies/{study_id}:stop", json=body))


def half_running(ledger: Driver) -> tuple[str, Run, ClaimedFit]:
    """A study of two trials of which the first has trained an epoch."""
    study_id = ledger.study_with_trials(2)
    run, (fit,) = ledger.start(study_id, 1)
    ledger.tick(run, 1, [report(fit, 1)])
    return study_id, run, fit


def states(ledger: Driver, study_id: str) -> list[str]:
    return [trial["state"] for trial in ledger.trials(study_id)]


@pytest.mark.parametrize("mode", [None, "drain"])
def test_drain_is_the_default_and_lets_running_trials_end(
    client_on_either: TestClient, ledger: Driver, mode: str | None
) -> None:
    study_id, run, fit = half_running(ledger)
    study = stop(client_on_either, study_id, mode)
    assert (study["state"], study["stop_reason"]) == ("stopping", "user")
    assert states(ledger, study_id) == ["running", "cancelled"]
    ledger.tick(run, 2, [], [completed(fit)])
    ended = document_of(client_on_either.get(f"/api/v1/studies/{study_id}"))
    assert (ended["state"], ended["stop_reason"]) == ("completed", "user")
    assert ended["best"]["number"] == 0


def test_now_ends_what_runs_and_keeps_what_was_found(client_on_either: TestClient, ledger: Driver) -> None:
    study_id, run, fit = half_running(ledger)
    assert stop(client_on_either, study_id, "now")["state"] == "stopping"
    assert ledger.tick(run, 2, [report(fit, 2)]).cancel == (fit.id,)
    ledger.tick(run, 3, [], [completed(fit, stop_by="user", stop_epoch=2)])
    ended = document_of(client_on_either.get(f"/api/v1/studies/{study_id}"))
    assert ended["state"] == "stopped"
    assert states(ledger, study_id) == ["cancelled", "cancelled"]
    assert len(document_of(client_on_either.get(f"/api/v1/studies/{study_id}/trials/0/curve"))["items"]) == 2


def test_a_study_that_has_not_begun_ends_at_once(client_on_either: TestClient, ledger: Driver) -> None:
    assert stop(client_on_either, ledger.study())["state"] == "completed"
    assert stop(client_on_either, ledger.study(), "now")["state"] == "stopped"


def test_stopping_twice_is_stopping_once(client_on_either: TestClient, ledger: Driver) -> None:
    study_id, _, _ = half_running(ledger)
    assert stop(client_on_either, study_id) == stop(client_on_either, study_id)


def test_now_hurries_a_drain_and_drain_does_not_slow_it_again(client_on_either: TestClient, ledger: Driver) -> None:
    study_id, run, fit = half_running(ledger)
    stop(client_on_either, study_id, "drain")
    assert ledger.tick(run, 2, [report(fit, 2)]).cancel == ()
    stop(client_on_either, study_id, "now")
    stop(client_on_either, study_id, "drain")
    assert ledger.tick(run, 3, [report(fit, 3)]).cancel == (fit.id,)


@pytest.mark.parametrize("mode", ["drain", "now"])
def test_an_ended_study_cannot_be_stopped(client_on_either: TestClient, ledger: Driver, mode: str) -> None:
    study_id = ledger.study()
    before = stop(client_on_either, study_id)
    problem = problem_of(client_on_either.post(f"/api/v1/studies/{study_id}:stop", json={"mode": mode}), 409)
    assert "completed" in problem["detail"]
    assert document_of(client_on_either.get(f"/api/v1/studies/{study_id}")) == before


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        ({"mode": "later"}, ("/mode", "literal_error"), ("'drain' or 'now'", '"later"')),
        ({"mode": "now", "why": "bored"}, ("/why", "unknown_key"), ('"why"',)),
        ([], ("", "model_attributes_type"), ("got []",)),
    ],
)
def test_a_body_that_it_does_not_know_stops_nothing(
    client_on_either: TestClient, ledger: Driver, body: object, error: tuple[str, str], words: tuple[str, ...]
) -> None:
    study_id, _, _ = half_running(ledger)
    response = client_on_either.post(f"/api/v1/studies/{study_id}:stop", json=body)
    assert errors_of(response) == [error]
    assert [word for word in words if word not in message_of(response)] == []
    assert ledger.study_row(study_id)["state"] == "running"


def test_the_answer_carries_the_version_that_it_shows(client_on_either: TestClient, ledger: Driver) -> None:
    response = client_on_either.post(f"/api/v1/studies/{ledger.study()}:stop")
    assert response.headers["etag"] == f'"{document_of(response)["version"]}"'
