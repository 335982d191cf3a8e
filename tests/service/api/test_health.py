"""`/healthz` and `/readyz`: alive is not ready."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest
from answers import document_of, problem_of
from fastapi.testclient import TestClient

from service.store.database import Database, open_database

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


def test_with_a_database_up_to_date_it_is_ready(client_on_either: TestClient) -> None:
    assert document_of(client_on_either.get("/readyz")) == {"status": "ready"}


def test_without_tables_it_is_alive_and_not_ready(
    client_of: Callable[[Database], TestClient], empty_database: Database
) -> None:
    client = client_of(empty_database)
    assert document_of(client.get("/healthz")) == {"status": "ok"}
    answer = client.get("/readyz")
    assert "regtune db upgrade" in problem_of(answer, 503)["detail"]
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("path", ["/readyz", "/api/v1/studies"])
def test_without_a_database_it_says_so_and_when_to_ask_again(
    path: str, client_of: Callable[[Database], TestClient]
) -> None:
    with closing(open_database(NOWHERE)) as database:
        client = client_of(database)
        assert document_of(client.get("/healthz")) == {"status": "ok"}
        answer = client.get(path)
        problem_of(answer, 503)
        assert int(answer.headers["retry-after"]) > 0
        assert "nobody" not in answer.text
