"""Idempotency keys: a submission that comes again makes nothing, and answers with what it made."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from answers import document_of, errors_of, problem_of
from fastapi.testclient import TestClient
from httpx2 import Response
from stored_datasets import classified_rows

from service.store.database import Database
from service.store.datasets import delete_dataset
from service.store.tables import DEFAULT_PROJECT_ID

STUDIES = "/api/v1/studies"
STUDY = {"dataset": "wine", "name": "first"}


def submit(client: TestClient, study: dict[str, Any], key: str | None = "key") -> Response:
    return client.post(STUDIES, json=study, headers={} if key is None else {"Idempotency-Key": key})


def test_the_same_again_answers_200_with_what_was_made(client_on_either: TestClient) -> None:
    first, again = submit(client_on_either, STUDY), submit(client_on_either, STUDY)
    made = document_of(first, 201)
    assert document_of(again, 200) == {**made, "reused": True}
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["etag"] == first.headers["etag"]


def test_the_same_keys_in_another_order_are_the_same(client: TestClient) -> None:
    submit(client, STUDY)
    assert document_of(submit(client, dict(reversed(STUDY.items()))))["reused"] is True


def test_another_body_under_the_same_key_is_refused(
    client: TestClient, stored_rows: Callable[[], dict[str, int]]
) -> None:
    submit(client, STUDY)
    before = stored_rows()
    assert errors_of(submit(client, {**STUDY, "name": "second"})) == [("/header/Idempotency-Key", "reused")]
    assert stored_rows() == before


def test_a_key_is_for_one_kind_of_request(client: TestClient) -> None:
    submit(client, STUDY)
    response = client.post(
        "/api/v1/datasets",
        files={"file": ("mine.csv", b"x,y\n" + b"1,a\n2,b\n" * 20)},
        data={"meta": '{"name": "mine", "target": "y"}'},
        headers={"Idempotency-Key": "key"},
    )
    assert errors_of(response) == [("/header/Idempotency-Key", "reused")]


@pytest.mark.parametrize("keys", [("one", "other"), (None, None)], ids=["another key", "no key"])
def test_without_the_same_key_the_same_body_makes_another_study(
    client: TestClient, keys: tuple[str | None, str | None]
) -> None:
    made = [document_of(submit(client, STUDY, key), 201) for key in keys]
    assert made[0]["id"] != made[1]["id"]


def test_a_refused_body_leaves_its_key_free(client: TestClient) -> None:
    problem_of(submit(client, {**STUDY, "seed": -1}), 422)
    document_of(submit(client, STUDY), 201)


def test_a_replay_shows_how_the_study_stands_by_now(client: TestClient) -> None:
    made = document_of(submit(client, STUDY), 201)
    document_of(client.post(f"{STUDIES}/{made['id']}:stop"))
    again = submit(client, STUDY)
    assert document_of(again)["state"] == "completed"
    assert again.headers["etag"] == f'"{document_of(again)["version"]}"'


def test_a_replay_is_answered_when_the_data_set_is_gone(client: TestClient, sqlite_database: Database) -> None:
    row = classified_rows(sqlite_database, "mine", no=40, yes=60)
    made = document_of(submit(client, {"dataset": "mine"}), 201)
    delete_dataset(sqlite_database, DEFAULT_PROJECT_ID, row.id)
    assert document_of(submit(client, {"dataset": "mine"})) == {**made, "reused": True}


def test_a_replay_of_a_deleted_study_does_not_make_it_again(
    client: TestClient, stored_rows: Callable[[], dict[str, int]]
) -> None:
    made = document_of(submit(client, STUDY), 201)
    client.delete(f"{STUDIES}/{made['id']}")
    before = stored_rows()
    problem_of(submit(client, STUDY), 404)
    assert stored_rows() == before


def test_two_at_once_make_one_study(client_on_either: TestClient) -> None:
    together = Barrier(2)

    def at_once(_: int) -> Response:
        together.wait(30)
        return submit(client_on_either, STUDY)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(at_once, range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(document_of(client_on_either.get(STUDIES))["items"]) == 1


@pytest.mark.parametrize(("key", "code"), [("", "string_too_short"), ("k" * 256, "string_too_long")])
def test_a_key_has_1_to_255_characters(client: TestClient, key: str, code: str) -> None:
    assert errors_of(submit(client, STUDY, key)) == [("/header/Idempotency-Key", code)]
    document_of(submit(client, STUDY, "k" * 255), 201)
