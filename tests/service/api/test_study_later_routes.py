"""Paths and verbs of the contract that a later version brings: plain problems now, and nothing happens."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from answers import problem_of
from fastapi.testclient import TestClient
from ledger_driver import Driver

from service.store.database import Database

NO_PATH = (
    "GET /operations/01J00000000000000000000000",
    "GET /events",
    "GET /webhooks",
    "GET /keys",
    "POST /keys",
    "GET /projects",
    "GET /shares",
    "POST /session",
    "GET {study}/verdict",
    "GET {study}/model",
    "GET {study}/model/card",
    "GET {study}/report",
    "GET {study}/export",
    "GET {study}/events",
    "GET {study}/analyses/importance",
    "POST {study}/trials:suggest",
    "POST {study}/trials/0/measurements",
)
NO_VERB = (
    "PATCH {study}",
    "PUT {study}",
    "POST {study}:pause",
    "POST {study}:resume",
    "POST {study}:clone",
    "POST {study}/trials",
    "POST {study}/trials/0:complete",
    "POST {study}/trials/0:fail",
    "DELETE {study}/trials/0",
    "POST /regularizers",
)


@pytest.mark.parametrize(
    ("route", "status"), [*((route, 404) for route in NO_PATH), *((route, 405) for route in NO_VERB)]
)
def test_what_is_not_there_yet_is_a_problem_and_changes_nothing(
    client: TestClient,
    sqlite_database: Database,
    stored_rows: Callable[[], dict[str, int]],
    route: str,
    status: int,
) -> None:
    ledger = Driver(sqlite_database)
    study_id = ledger.study_with_trials(1)
    before = (stored_rows(), ledger.snapshot(study_id))
    verb, path = route.format(study=f"/studies/{study_id}").split()
    response = client.request(verb, f"/api/v1{path}", json={} if verb in {"POST", "PUT", "PATCH"} else None)
    problem_of(response, status)
    assert (stored_rows(), ledger.snapshot(study_id)) == before
    assert ("allow" in response.headers) is (status == 405)
