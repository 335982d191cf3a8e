"""Studies that cannot be run: 422 with the place and the code of everything wrong, and nothing stored of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from answers import document_of, errors_of, message_of, problem_of
from fastapi.testclient import TestClient
from stored_datasets import classified_rows, regressed_rows

from service.store.database import Database

STUDIES = "/api/v1/studies"
Refused = Callable[[Mapping[str, Any]], list[tuple[str, str]]]


def one(kind: str, **knobs: object) -> dict[str, object]:
    return {"regularizers": [{"kind": kind, **knobs}]}


WRONG: list[tuple[dict[str, Any], str, str, tuple[str, ...]]] = [
    ({"regularisers": []}, "/regularisers", "unknown_key", ("regularisers", '"regularizers"')),
    (one("dropout", p=0.5), "/regularizers/0/p", "unknown_key", ('"p"', "rate", "gate")),
    (
        one("dropout", rate={"low": 0.2, "high": 1.5}),
        "/regularizers/0/rate/high",
        "above_maximum",
        ("1.5 is above 0.95",),
    ),
    (one("dropout", rate={"low": -1, "high": 0.5}), "/regularizers/0/rate/low", "below_minimum", ("-1 is below 0",)),
    (one("dropout", rate=1.5), "/regularizers/0/rate", "above_maximum", ("1.5 is above 0.95",)),
    (
        one("dropout", rate={"low": 0.5, "high": 0.2}),
        "/regularizers/0/rate/low",
        "upside_down",
        ("0.5 is not below", "0.2"),
    ),
    (one("l1", strength={"low": 0, "high": 1e-2}), "/regularizers/0/strength/low", "not_log", ("got 0", "1e-8 and 1")),
    (one("drop_out"), "/regularizers/0/kind", "unknown_name", ('"drop_out"', '"dropout"')),
    ({"regularizers": "recomended"}, "/regularizers", "unknown_name", ('"recomended"', '"recommended"')),
    ({"objective": {"metric": "acuracy"}}, "/objective/metric", "unknown_name", ('"acuracy"', '"accuracy"')),
    ({"objective": {"metric": "rmse"}}, "/objective/metric", "metric_does_not_fit", ("rmse", "wine", "auroc")),
    ({"dataset": "whine"}, "/dataset", "unknown_name", ('"whine"', '"wine"')),
    ({"dataset": {"path": "train.csv"}}, "/dataset", "wrong_type", ("study file", "id or name")),
    ({"model": {"kind": "resnext"}}, "/model/kind", "unknown_name", ('"resnext"', '"resnet"')),
    ({"model": {"kind": "convnet"}}, "/model/kind", "not_for_tables", ("convnet", "wine")),
    (
        {"sampler": {"kind": "bayes"}},
        "/sampler/kind",
        "unknown_name",
        ('"bayes"', "tpe, optuna_tpe, random, qmc, grid"),
    ),
    ({"seed": "zero"}, "/seed", "wrong_type", ("whole number", '"zero"')),
    ({"budget": {"trials": 0}}, "/budget/trials", "below_minimum", ("0 is below 1",)),
    ({"budget": {"wall_seconds": -5}}, "/budget/wall_seconds", "below_minimum", ("-5", "above 0")),
    ({"name": "a\nb"}, "/name", "wrong_characters", ("one line", "a\\nb")),
    (
        {"split": {"validation": 0.6, "test": 0.5}},
        "/split/validation",
        "above_maximum",
        ("0.6", "0.5", "below 1"),
    ),
    (
        {"regularizers": [{"kind": "l1"}, {"kind": "l1"}]},
        "/regularizers/1/kind",
        "duplicate",
        ("l1", "/regularizers/0"),
    ),
]


@pytest.mark.parametrize(
    ("written", "pointer", "code", "words"), WRONG, ids=[f"{at} {code}" for _, at, code, _ in WRONG]
)
def test_an_error_says_where_what_was_got_and_what_is_allowed(
    client: TestClient, refused: Refused, written: dict[str, Any], pointer: str, code: str, words: tuple[str, ...]
) -> None:
    study = {"dataset": "wine", **written}
    assert refused(study) == [(pointer, code)]
    message = message_of(client.post(STUDIES, json=study))
    assert [word for word in words if word not in message] == []


@pytest.mark.parametrize("kind", ["rotation", "scaling", "flip", "crop"])
def test_augmentation_is_refused_for_a_table(client: TestClient, refused: Refused, kind: str) -> None:
    study = {"dataset": "wine", **one(kind)}
    assert refused(study) == [("/regularizers/0/kind", "not_for_tables")]
    assert message_of(client.post(STUDIES, json=study)) == f"{kind} works on images only, and wine is a table"


def test_a_study_needs_data_and_says_which_there_are(
    client: TestClient, refused: Refused, sqlite_database: Database
) -> None:
    classified_rows(sqlite_database, "mine", no=40, yes=60)
    assert refused({}) == [("/dataset", "missing")]
    message = message_of(client.post(STUDIES, json={}))
    assert all(name in message for name in ("mine", "digits", "wine", "diabetes"))


def test_all_that_is_wrong_is_said_at_once(refused: Refused) -> None:
    errors = refused(
        {
            "dataset": "wine",
            "regularizers": [{"kind": "dropout", "rate": 2}, {"kind": "rotation"}, {"kind": "l3"}],
            "objective": {"metric": "rmse"},
            "sampler": {"kind": "gp"},
            "budget": {"trials": "many"},
            "trials": 3,
        }
    )
    assert sorted(errors) == [
        ("/budget/trials", "wrong_type"),
        ("/objective/metric", "metric_does_not_fit"),
        ("/regularizers/0/rate", "above_maximum"),
        ("/regularizers/1/kind", "not_for_tables"),
        ("/regularizers/2/kind", "unknown_name"),
        ("/sampler/kind", "not_available"),
        ("/trials", "unknown_key"),
    ]


def test_data_with_fewer_rows_than_the_split_needs_is_refused(refused: Refused, sqlite_database: Database) -> None:
    regressed_rows(sqlite_database, "tiny", rows=6)
    assert refused({"dataset": "tiny"}) == [("/split/validation", "too_few_rows"), ("/split/test", "too_few_rows")]


def test_the_same_few_rows_are_enough_for_a_split_that_shares_them_out(
    client: TestClient, sqlite_database: Database
) -> None:
    regressed_rows(sqlite_database, "tiny", rows=6)
    study = {"dataset": "tiny", "split": {"validation": 0.33, "test": 0.33}}
    document_of(client.post(STUDIES, json=study), 201)


def test_data_of_one_class_is_refused(client: TestClient, refused: Refused, sqlite_database: Database) -> None:
    classified_rows(sqlite_database, "alike", same=50)
    assert refused({"dataset": "alike"}) == [("/dataset", "one_class")]
    assert '"same"' in message_of(client.post(STUDIES, json={"dataset": "alike"}))


def test_the_nearest_name_is_found_among_uploaded_data_sets_too(client: TestClient, sqlite_database: Database) -> None:
    classified_rows(sqlite_database, "credit-g", good=700, bad=300)
    message = message_of(client.post(STUDIES, json={"dataset": "credit_q"}))
    assert message == 'there is no data set "credit_q"; did you mean "credit-g"?'


def test_a_digest_that_no_version_has_is_refused(refused: Refused, sqlite_database: Database) -> None:
    classified_rows(sqlite_database, "mine", no=40, yes=60)
    assert refused({"dataset": f"mine@{'0' * 64}"}) == [("/dataset", "unknown_name")]


@pytest.mark.parametrize("body", ["null", "[]", '"wine"', "3", ""])
def test_a_body_that_is_no_object_is_refused(client: TestClient, body: str) -> None:
    response = client.post(STUDIES, content=body, headers={"Content-Type": "application/json"})
    assert [pointer for pointer, _ in errors_of(response)] == [""]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k"}], ids=["", "under a key"])
def test_numbers_that_are_none_are_refused(client: TestClient, number: str, headers: dict[str, str]) -> None:
    response = client.post(
        STUDIES,
        content=f'{{"dataset": "wine", "budget": {{"wall_seconds": {number}}}}}',
        headers={"Content-Type": "application/json", **headers},
    )
    assert errors_of(response) == [("/budget/wall_seconds", "wrong_type")]


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k"}], ids=["", "under a key"])
def test_text_that_no_database_takes_is_refused(client: TestClient, headers: dict[str, str]) -> None:
    for text in (r"\ud800", r"\u0000"):
        response = client.post(
            STUDIES,
            content=f'{{"dataset": "wine", "labels": {{"team": "{text}"}}}}',
            headers={"Content-Type": "application/json", **headers},
        )
        assert errors_of(response) == [("/labels/team", "wrong_characters")]


@pytest.mark.parametrize(("body", "place"), [("{", 1), ('{"dataset": wine}', 12), ("{'dataset': 'wine'}", 1)])
def test_a_body_that_is_no_json_is_refused_with_the_place_in_it(client: TestClient, body: str, place: int) -> None:
    response = client.post(STUDIES, content=body, headers={"Content-Type": "application/json"})
    assert errors_of(response) == [("", "json_invalid")]
    assert message_of(response).endswith(f"at character {place}")


def test_a_pointer_is_escaped_as_json_pointers_are(refused: Refused) -> None:
    assert refused({"dataset": "wine", "a/b~c": 1}) == [("/a~1b~0c", "unknown_key")]


def test_so_many_errors_that_nobody_mends_them_all_are_cut_short(client: TestClient) -> None:
    study = {"dataset": "wine", **{f"key {number}": 1 for number in range(1000)}}
    assert len(problem_of(client.post(STUDIES, json=study), 422)["errors"]) == 100
