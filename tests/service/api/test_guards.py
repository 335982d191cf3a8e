"""What every request passes first: hosts and origins of others are refused, and every answer has its id."""

from __future__ import annotations

import pytest
from answers import document_of, problem_of
from fastapi.testclient import TestClient

STUDIES = "/api/v1/studies"
STUDY = {"dataset": "iris", "budget": {"trials": 4}}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:1", "LOCALHOST", "[::1]:8000"])
def test_it_answers_to_the_names_of_this_machine(host: str, client: TestClient) -> None:
    document_of(client.get(STUDIES, headers={"Host": host}))


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost@evil.example", "[::2]"])
@pytest.mark.parametrize("path", [STUDIES, "/docs", "/healthz"])
def test_it_answers_to_no_other_name(host: str, path: str, client: TestClient) -> None:
    problem_of(client.get(path, headers={"Host": host}), 400)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=lambda headers: "-".join(headers.values()),
)
def test_pages_of_other_sites_change_nothing(headers: dict[str, str], client: TestClient) -> None:
    problem_of(client.post(STUDIES, json=STUDY, headers=headers), 403)
    assert document_of(client.get(STUDIES))["items"] == []


@pytest.mark.parametrize("headers", [{"Origin": "http://127.0.0.1:8000"}, {"Sec-Fetch-Site": "same-origin"}, {}])
def test_pages_of_our_own_and_programs_may(headers: dict[str, str], client: TestClient) -> None:
    document_of(client.post(STUDIES, json=STUDY, headers=headers), 201)


@pytest.mark.parametrize("path", [STUDIES, "/nothing", "/docs", "/static/docs.js"])
def test_every_answer_has_an_id_and_forbids_guessing_its_type(path: str, client: TestClient) -> None:
    headers = client.get(path).headers
    assert len(headers["x-request-id"]) == 26
    assert headers["x-content-type-options"] == "nosniff"


def test_ids_are_of_one_request_each(client: TestClient) -> None:
    assert len({client.get(STUDIES).headers["x-request-id"] for _ in range(3)}) == 3


@pytest.mark.parametrize("path", [STUDIES, "/healthz", "/docs", f"{STUDIES}/nothing"])
def test_head_is_answered_as_get_without_the_body(path: str, client: TestClient) -> None:
    head, get = client.head(path), client.get(path)
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["content-type"] == get.headers["content-type"]
