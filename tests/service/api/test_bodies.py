"""Bodies that are too large, of another type, or none that can be read: refused before any route looks at them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from answers import document_of, errors_of, problem_of
from fastapi.testclient import TestClient

from service.api.bodies import LARGEST_JSON_BYTES, LARGEST_UPLOAD_BYTES

STUDIES = "/api/v1/studies"
DATASETS = "/api/v1/datasets"
FORM = "multipart/form-data; boundary=b"


def spaces(count: int) -> Iterator[bytes]:
    """So many bytes, of which no header tells how many there are."""
    for _ in range(count // 2**16):
        yield b" " * 2**16


@pytest.mark.parametrize(
    ("path", "kind", "largest"),
    [(STUDIES, "application/json", LARGEST_JSON_BYTES), (DATASETS, FORM, LARGEST_UPLOAD_BYTES)],
)
def test_a_body_that_says_it_is_too_large_is_not_read(path: str, kind: str, largest: int, client: TestClient) -> None:
    headers = {"Content-Type": kind, "Content-Length": str(largest + 1)}
    answer = client.post(path, content=b"{}", headers=headers)
    assert errors_of(answer, 413) == [("", "too_large")]
    assert f"{largest:,} bytes" in problem_of(answer, 413)["detail"]


@pytest.mark.parametrize("path", [STUDIES, f"{STUDIES}/any:stop"])
def test_a_body_that_grows_too_large_is_given_up(path: str, client: TestClient) -> None:
    headers = {"Content-Type": "application/json"}
    assert errors_of(client.post(path, content=spaces(2 * LARGEST_JSON_BYTES), headers=headers), 413) == [
        ("", "too_large")
    ]


def test_an_upload_that_grows_too_large_is_given_up(client: TestClient) -> None:
    def form() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        yield from spaces(LARGEST_UPLOAD_BYTES + 2**16)

    answer = client.post(DATASETS, content=form(), headers={"Content-Type": FORM})
    assert errors_of(answer, 413) == [("", "too_large")]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", FORM, "application/jsonx", ""])
def test_a_study_is_json(kind: str, client: TestClient) -> None:
    answer = client.post(STUDIES, content=b'{"dataset": "iris"}', headers={"Content-Type": kind})
    assert errors_of(answer, 415) == [("/header/Content-Type", "wrong_type")]
    assert "application/json" in problem_of(answer, 415)["detail"]


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/merge+json"])
def test_json_may_say_more_about_itself(kind: str, client: TestClient) -> None:
    answer = client.post(STUDIES, content=b'{"dataset": "iris"}', headers={"Content-Type": kind})
    document_of(answer, 201)


def test_an_upload_is_a_form(client: TestClient) -> None:
    assert errors_of(client.post(DATASETS, json={}), 415) == [("/header/Content-Type", "wrong_type")]


def test_no_body_at_all_is_missing_and_not_of_another_type(client: TestClient) -> None:
    assert errors_of(client.post(STUDIES)) == [("", "missing")]
    assert errors_of(client.post(DATASETS)) == [("/file", "missing"), ("/meta", "missing")]


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"dataset": "\xff"}', b'{"seed": ' + b"1" * 5_000 + b"}"],
    ids=["too deep", "no UTF-8", "a number without end"],
)
def test_what_cannot_be_read_is_a_problem(body: bytes, client: TestClient) -> None:
    answer = client.post(STUDIES, content=body, headers={"Content-Type": "application/json"})
    assert errors_of(answer) == [("", "unreadable")]


def test_broken_json_is_told_where_it_breaks(client: TestClient) -> None:
    answer = client.post(STUDIES, content=b'{"dataset" "iris"}', headers={"Content-Type": "application/json"})
    assert errors_of(answer) == [("", "json_invalid")]
    assert "character 11" in problem_of(answer, 422)["errors"][0]["message"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_numbers_that_json_does_not_have_are_refused(number: str, client: TestClient) -> None:
    body = f'{{"dataset": "iris", "training": {{"optimizer": {{"kind": "sgd", "learning_rate": {number}}}}}}}'
    answer = client.post(STUDIES, content=body, headers={"Content-Type": "application/json"})
    assert errors_of(answer)[0][0] == "/training/optimizer/learning_rate"
