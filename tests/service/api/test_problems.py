"""Refusals and breakages: each is one problem document, and none tells what is nobody's business."""

from __future__ import annotations

import errno
from collections.abc import Callable

import pytest
from answers import problem_of
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError

from service.store.database import Database

STUDIES = "/api/v1/studies"
SECRET = "the password is swordfish"
BREAKAGES: dict[str, tuple[Exception, int]] = {
    "a mistake of ours": (RuntimeError(SECRET), 500),
    "a database that is away": (OperationalError("SELECT", {}, Exception(SECRET)), 503),
    "a database without room": (OperationalError("INSERT", {}, Exception("database or disk is full")), 507),
    "a disk without room": (OSError(errno.ENOSPC, SECRET), 507),
    "a disk that breaks": (OSError(errno.EIO, SECRET), 500),
}


@pytest.fixture
def breaking(
    application: Callable[[Database], FastAPI], sqlite_database: Database
) -> Callable[[Exception], TestClient]:
    """A client of the application with one more path, which raises an error."""

    def client(error: Exception) -> TestClient:
        app = application(sqlite_database)

        @app.get("/broken")
        def broken() -> None:
            raise error

        return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)

    return client


@pytest.mark.parametrize(("error", "status"), BREAKAGES.values(), ids=BREAKAGES.keys())
def test_what_breaks_is_a_problem_that_tells_no_secret(
    error: Exception, status: int, breaking: Callable[[Exception], TestClient]
) -> None:
    answer = breaking(error).get("/broken")
    problem_of(answer, status)
    assert SECRET not in answer.text
    assert ("retry-after" in answer.headers) == (status == 503)


def test_what_breaks_is_logged_under_the_id_of_the_request(
    breaking: Callable[[Exception], TestClient], caplog: pytest.LogCaptureFixture
) -> None:
    answer = breaking(RuntimeError(SECRET)).get("/broken")
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert answer.json()["request_id"] in record.getMessage()
    assert record.exc_info is not None
    assert SECRET in str(record.exc_info[1])


@pytest.mark.parametrize("path", ["/nothing", "/api/v1/nothing", "/static/nothing", f"{STUDIES}/a/b/c"])
def test_a_path_that_is_none_is_a_problem(path: str, client: TestClient) -> None:
    assert path in problem_of(client.get(path), 404)["detail"]


@pytest.mark.parametrize(
    ("verb", "path", "allowed"),
    [
        ("PUT", STUDIES, "GET, POST"),
        ("PATCH", "/api/v1/datasets/iris", "GET, DELETE"),
        ("OPTIONS", STUDIES, "GET, POST"),
        ("POST", "/healthz", "GET"),
    ],
)
def test_another_verb_is_told_those_of_the_path(verb: str, path: str, allowed: str, client: TestClient) -> None:
    answer = client.request(verb, path)
    problem_of(answer, 405)
    assert answer.headers["allow"] == allowed


def test_a_slash_at_the_end_leads_to_the_path_without(client: TestClient) -> None:
    answer = client.get(f"{STUDIES}/", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "http://127.0.0.1:8000/api/v1/studies")
