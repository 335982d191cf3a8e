"""Pages: every item once, at any size and in any order, by tokens that only their own list takes."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from answers import document_of, errors_of
from fastapi.testclient import TestClient
from ledger_driver import Driver, completed, failed
from stored_datasets import classified_rows

from service.store.database import Database

LISTS = ("studies", "datasets", "studies/{study}/trials")


@pytest.fixture
def ledger(database: Database) -> Driver:
    """A hand on what is stored, on either database."""
    return Driver(database)


@pytest.fixture
def study(ledger: Driver) -> str:
    """A study of seven trials: three with values, two of them equal, one with a value that is none, one failed."""
    study_id = ledger.study_with_trials(7, pruner=None)
    run, claimed = ledger.start(study_id, 5)
    values = (0.5, float("nan"), 0.9, 0.5)
    ended = [completed(fit, value) for fit, value in zip(claimed, values, strict=False)]
    ledger.tick(run, 1, [], [*ended, failed(claimed[4])])
    return study_id


def pages(client: TestClient, path: str, **query: Any) -> list[list[Any]]:
    """The items of each page, from the first to the last."""
    found: list[list[Any]] = []
    token = None
    while token or not found:
        asked = {**query, **({"page_token": token} if token else {})}
        answer = document_of(client.get(f"/api/v1/{path}", params=asked))
        found.append(answer["items"])
        token = answer["next_page_token"]
    return found


def token_of(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("order", "numbers"),
    [
        ("number", [0, 1, 2, 3, 4, 5, 6]),
        ("-number", [6, 5, 4, 3, 2, 1, 0]),
        ("value", [0, 3, 2, 1, 4, 5, 6]),
        ("-value", [2, 3, 0, 1, 4, 5, 6]),
    ],
)
def test_pages_of_trials_are_the_list_in_pieces(
    client_on_either: TestClient, study: str, order: str, numbers: list[int]
) -> None:
    for size in (1, 2, 3, 7, 500):
        found = pages(client_on_either, f"studies/{study}/trials", order_by=order, page_size=size)
        assert [[trial["number"] for trial in page] for page in found] == [
            numbers[start : start + size] for start in range(0, len(numbers), size)
        ]


@pytest.mark.parametrize("order", ["-created_at", "created_at"])
def test_pages_of_studies_are_the_list_in_pieces(client_on_either: TestClient, ledger: Driver, order: str) -> None:
    made = [ledger.study() for _ in range(5)]
    found = pages(client_on_either, "studies", order_by=order, page_size=2)
    assert [len(page) for page in found] == [2, 2, 1]
    assert [one["id"] for page in found for one in page] == (made[::-1] if order.startswith("-") else made)


def test_pages_keep_to_their_filter(client_on_either: TestClient, ledger: Driver, study: str) -> None:
    found = pages(client_on_either, f"studies/{study}/trials", state=["queued", "failed"], page_size=2)
    assert [[trial["number"] for trial in page] for page in found] == [[4, 5], [6]]


def test_a_study_made_between_two_pages_is_on_none_of_the_later_ones(
    client_on_either: TestClient, ledger: Driver
) -> None:
    made = [ledger.study() for _ in range(3)]
    first = document_of(client_on_either.get("/api/v1/studies?page_size=2"))
    ledger.study()
    second = client_on_either.get(f"/api/v1/studies?page_size=2&page_token={first['next_page_token']}")
    assert [one["id"] for one in document_of(second)["items"]] == [made[0]]


def test_fifty_items_are_a_page_unless_told_otherwise(client_on_either: TestClient, ledger: Driver) -> None:
    study_id = ledger.study_with_trials(51)
    found = pages(client_on_either, f"studies/{study_id}/trials")
    assert [len(page) for page in found] == [50, 1]


def test_the_trials_are_counted_where_no_filter_would_make_that_dear(client_on_either: TestClient, study: str) -> None:
    totals = [
        document_of(client_on_either.get(f"/api/v1/studies/{study}/trials{query}"))["total"]
        for query in ("", "?page_size=2", "?state=queued", "?origin=sampler")
    ]
    assert totals == [7, 7, None, None]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("size", "code"), [("0", "greater_than_equal"), ("501", "less_than_equal"), ("x", "int_parsing")]
)
def test_a_page_has_1_to_500_items(client: TestClient, path: str, size: str, code: str) -> None:
    response = client.get(f"/api/v1/{path.format(study='any')}?page_size={size}")
    assert errors_of(response) == [("/query/page_size", code)]


GARBAGE = {
    "no base64": "!!!",
    "no ascii": "é",
    "no json": "bm90IGpzb24",
    "no list": token_of("number"),
    "deep": base64.urlsafe_b64encode(b"[" * 30_000).decode(),
}
MISFITS: tuple[Any, ...] = (None, True, 1.5, -1, 2**40, 2**70, float("nan"), [1], {"a": 1}, "x\0", "'; DROP", "")


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_a_token_that_no_list_gave_out_is_refused(client_on_either: TestClient, study: str, garbage: str) -> None:
    for path in LISTS:
        response = client_on_either.get(f"/api/v1/{path.format(study=study)}", params={"page_token": garbage})
        assert errors_of(response) == [("/query/page_token", "bad_page")]


@pytest.mark.parametrize(
    ("path", "order", "place", "key"),
    [
        ("studies", "-created_at", "studies -created_at", (0,)),
        ("datasets", "-created_at", "datasets -created_at", (0,)),
        ("studies/{study}/trials", "number", "trials of {study} number", ("x",)),
        ("studies/{study}/trials", "value", "trials of {study} value", ("x", 1)),
        ("studies/{study}/trials", "value", "trials of {study} value", (0.5, "x")),
        ("studies/{study}/trials", "value", "trials of {study} value", (float("nan"), 1)),
    ],
)
def test_a_forged_token_never_reaches_the_database(
    client_on_either: TestClient, study: str, path: str, order: str, place: str, key: tuple[Any, ...]
) -> None:
    forged = [key, key[:-1], (*key, 1), *((*key[:-1], misfit) for misfit in MISFITS)]
    for one in forged:
        response = client_on_either.get(
            f"/api/v1/{path.format(study=study)}",
            params={"order_by": order, "page_token": token_of([place.format(study=study), *one])},
        )
        assert [pointer for pointer, _ in errors_of(response)] == ["/query/page_token"]


def test_a_token_of_another_list_is_refused(client_on_either: TestClient, ledger: Driver, study: str) -> None:
    other = ledger.study_with_trials(3)
    classified_rows(ledger.database, "one", no=9, yes=9)
    classified_rows(ledger.database, "two", no=9, yes=9)
    paths = [
        "studies?",
        "studies?order_by=created_at&",
        "datasets?",
        f"studies/{study}/trials?",
        f"studies/{other}/trials?",
        f"studies/{study}/trials?order_by=value&",
    ]
    tokens = {path: client_on_either.get(f"/api/v1/{path}page_size=1").json()["next_page_token"] for path in paths}
    for path in paths:
        for source, token in tokens.items():
            response = client_on_either.get(f"/api/v1/{path}page_token={token}")
            if source == path:
                document_of(response)
            else:
                assert errors_of(response) == [("/query/page_token", "bad_page")]
