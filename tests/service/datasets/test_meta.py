"""What a user says about an upload."""

import json
from typing import Any

import pytest

from service.datasets import DatasetMeta, InvalidDataset, parse_meta


def errors_of(document: Any, *reserved: str) -> list[tuple[str, str]]:
    with pytest.raises(InvalidDataset) as raised:
        parse_meta(document if isinstance(document, str | bytes) else json.dumps(document), reserved)
    assert raised.value.status == 422
    return [(error.pointer, error.code) for error in raised.value.errors]


def test_all_of_it_is_read() -> None:
    document = {
        "name": "credit",
        "target": "risk",
        "task": "classification",
        "columns": {"age": "numeric", "id": "ignore", "job": "categorical"},
        "missing": ["NA", " ? "],
    }
    meta = parse_meta(json.dumps(document))
    assert meta == DatasetMeta("credit", "risk", "classification", document["columns"], ("NA", "?"))


def test_only_the_name_is_required() -> None:
    assert parse_meta('{"name": "credit"}') == DatasetMeta("credit", None, None, {}, ())


def test_null_is_as_good_as_left_out() -> None:
    keys = ("target", "task", "columns", "missing", "weight", "group", "time")
    assert parse_meta(json.dumps({"name": "credit", **dict.fromkeys(keys)})) == parse_meta('{"name": "credit"}')


def test_a_single_word_for_missing_needs_no_list() -> None:
    assert parse_meta('{"name": "a", "missing": "NA"}').missing == ("NA",)


def test_it_survives_the_way_to_another_process() -> None:
    meta = parse_meta('{"name": "a", "target": "y", "columns": {"b": "ignore"}, "missing": "NA"}')
    assert DatasetMeta.from_json(json.loads(json.dumps(meta.to_json()))) == meta


@pytest.mark.parametrize("text", ["", "{", b"\xff\xfe", "[" * 100_000, '"text"', "[]", "null"])
def test_what_is_no_json_object_is_refused(text: str | bytes) -> None:
    assert ("/meta", "wrong_type") in errors_of(text)


@pytest.mark.parametrize(
    ("document", "error"),
    [
        ({}, ("/meta/name", "missing")),
        ({"name": ""}, ("/meta/name", "wrong_length")),
        ({"name": 5}, ("/meta/name", "wrong_type")),
        ({"name": "a@b"}, ("/meta/name", "wrong_characters")),
        ({"name": "a\nb"}, ("/meta/name", "wrong_characters")),
        ({"name": "a", "target": ["y"]}, ("/meta/target", "wrong_type")),
        ({"name": "a", "task": "clasification"}, ("/meta/task", "unknown_name")),
        ({"name": "a", "task": "multilabel"}, ("/meta/task", "not_available")),
        ({"name": "a", "weight": "w"}, ("/meta/weight", "not_available")),
        ({"name": "a", "group": "g"}, ("/meta/group", "not_available")),
        ({"name": "a", "time": "t"}, ("/meta/time", "not_available")),
        ({"name": "a", "columns": ["b"]}, ("/meta/columns", "wrong_type")),
        ({"name": "a", "columns": {"b": "number"}}, ("/meta/columns/b", "unknown_name")),
        ({"name": "a", "columns": {"b/c~d": 1}}, ("/meta/columns/b~1c~0d", "wrong_type")),
        ({"name": "a", "target": "y", "columns": {"y": "ignore"}}, ("/meta/target", "conflict")),
        ({"name": "a", "missing": 5}, ("/meta/missing", "wrong_type")),
        ({"name": "a", "missing": ["NA", None]}, ("/meta/missing", "wrong_type")),
        ({"name": "a", "missing": ["NA"] * 101}, ("/meta/missing", "above_maximum")),
        ({"name": "a", "tarjet": "y"}, ("/meta/tarjet", "unknown_key")),
    ],
)
def test_each_mistake_has_its_place(document: dict[str, Any], error: tuple[str, str]) -> None:
    assert errors_of(document) == [error]


def test_all_mistakes_are_told_at_once() -> None:
    assert errors_of({"name": "", "task": "x", "group": "g"}) == [
        ("/meta/name", "wrong_length"),
        ("/meta/task", "unknown_name"),
        ("/meta/group", "not_available"),
    ]


def test_the_name_of_a_bundled_set_is_taken() -> None:
    assert errors_of({"name": "digits"}, "digits") == [("/meta/name", "duplicate")]


def test_the_nearest_key_is_named() -> None:
    with pytest.raises(InvalidDataset, match='"tarjet" is not a key of meta; did you mean "target"'):
        parse_meta('{"name": "a", "tarjet": "y"}')
