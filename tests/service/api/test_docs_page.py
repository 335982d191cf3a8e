"""`/docs` and `/openapi.json`: complete, truthful, and without any address of someone else's."""

from __future__ import annotations

import re
from typing import Any

import pytest
from answers import document_of
from fastapi import FastAPI
from fastapi.testclient import TestClient

ADDRESS = re.compile(r"""(?:src|href|action)\s*=\s*["']([^"']+)["']|url\(["']?([^"')]+)""")
CONTRACT = {
    "GET /api/v1/regularizers",
    "GET /api/v1/regularizers/{kind}",
    "GET /api/v1/architectures",
    "GET /api/v1/presets",
    "GET /api/v1/datasets",
    "POST /api/v1/datasets",
    "GET /api/v1/datasets/{dataset_id}",
    "DELETE /api/v1/datasets/{dataset_id}",
    "GET /api/v1/datasets/{dataset_id}/profile",
    "GET /api/v1/studies",
    "POST /api/v1/studies",
    "GET /api/v1/studies/{study_id}",
    "DELETE /api/v1/studies/{study_id}",
    "POST /api/v1/studies/{study_id}:stop",
    "GET /api/v1/studies/{study_id}/trials",
    "GET /api/v1/studies/{study_id}/trials/{number}",
    "GET /api/v1/studies/{study_id}/trials/{number}/curve",
    "GET /api/v1/studies/{study_id}/best",
    "GET /api/v1/workers",
    "GET /healthz",
    "GET /readyz",
}


@pytest.fixture(scope="session")
def document(warm_application: FastAPI) -> dict[str, Any]:
    return warm_application.openapi()


@pytest.fixture(scope="session")
def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What each verb of each path does, by `GET /path`."""
    return {
        f"{verb.upper()} {path}": operation
        for path, verbs in document["paths"].items()
        for verb, operation in verbs.items()
    }


def test_the_paths_are_those_that_there_are(operations: dict[str, Any]) -> None:
    assert set(operations) == CONTRACT


def test_every_operation_says_what_it_does(operations: dict[str, Any]) -> None:
    assert not [name for name, operation in operations.items() if not operation["description"]]
    summaries = [operation["summary"] for operation in operations.values()]
    assert len(set(summaries)) == len(summaries)


def test_every_refusal_is_a_problem(operations: dict[str, Any]) -> None:
    for name, operation in operations.items():
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                assert list(answer["content"]) == ["application/problem+json"], f"{name} {status}"


@pytest.mark.parametrize(
    ("operation", "status"),
    [
        ("GET /api/v1/studies", 422),
        ("GET /api/v1/studies/{study_id}", 304),
        ("GET /api/v1/studies/{study_id}", 404),
        ("POST /api/v1/studies", 200),
        ("POST /api/v1/studies", 415),
        ("POST /api/v1/studies/{study_id}:stop", 409),
        ("POST /api/v1/datasets", 200),
        ("POST /api/v1/datasets", 413),
        ("DELETE /api/v1/datasets/{dataset_id}", 409),
    ],
)
def test_what_a_path_can_answer_is_written_there(operation: str, status: int, operations: dict[str, Any]) -> None:
    assert str(status) in operations[operation]["responses"]


def test_what_a_path_cannot_answer_is_not(operations: dict[str, Any]) -> None:
    assert not {"404", "409", "413", "415"} & set(operations["GET /api/v1/studies"]["responses"])


def test_every_schema_that_is_referred_to_is_there(document: dict[str, Any], warm_application: FastAPI) -> None:
    with TestClient(warm_application, base_url="http://127.0.0.1") as client:
        text = client.get("/openapi.json").text
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', text))
    assert named <= set(document["components"]["schemas"])


def test_the_page_and_all_that_it_loads_are_our_own(client: TestClient) -> None:
    page = client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    found = [next(filter(None, match)) for match in ADDRESS.findall(page.text)]
    own = [address for address in found if address.startswith("/static/")]
    assert set(found) == {*own, "data:,"}
    for address in own:
        assert client.get(address).status_code == 200


def test_the_browser_is_told_to_load_nothing_else(client: TestClient) -> None:
    policy = client.get("/docs").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy


def test_the_first_page_leads_to_it(client: TestClient) -> None:
    answer = client.get("/", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")


def test_the_document_is_json_of_openapi(client: TestClient) -> None:
    assert document_of(client.get("/openapi.json"))["openapi"].startswith("3.")
