"""Data that a study cannot be run on: too few rows for its split, or nothing to tell apart."""

from __future__ import annotations

from typing import Any

import pytest

from regtune.dataset import DatasetFacts
from regtune.errors import InvalidStudy
from regtune.study import parse_study


def facts(**changed: Any) -> DatasetFacts:
    usual: dict[str, Any] = {
        "id": "small",
        "name": "small",
        "digest": "0" * 64,
        "task": "classification",
        "kind": "table",
        "shape": (3,),
        "rows": 100,
        "classes": ("no", "yes"),
        "class_counts": (50, 50),
    }
    return DatasetFacts(**{**usual, **changed})


def refusal(catalog: Any, data: DatasetFacts, **written: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidStudy) as caught:
        parse_study({"dataset": "small", **written}, catalog, {"small": data}.get, lambda: ["small"])
    return [(error.pointer, error.code) for error in caught.value.errors]


def test_data_of_one_class_is_refused(catalog: Any) -> None:
    data = facts(class_counts=(100, 0))
    assert refusal(catalog, data) == [("/dataset", "one_class")]


def test_data_with_too_few_rows_for_every_part_is_refused_part_by_part(catalog: Any) -> None:
    data = facts(rows=4, class_counts=(2, 2))
    assert refusal(catalog, data) == [("/split/validation", "too_few_rows"), ("/split/test", "too_few_rows")]


def test_a_split_that_leaves_next_to_nothing_to_train_on_is_refused(catalog: Any) -> None:
    split = {"validation": 0.49, "test": 0.5}
    assert refusal(catalog, facts(), split=split) == [("/dataset", "too_few_rows")]


def test_data_that_brings_its_own_test_rows_needs_none_for_it(catalog: Any) -> None:
    data = facts(rows=10, class_counts=(5, 5), own_test=True)
    split = {"test": 0.01}
    parsed = parse_study({"dataset": "small", "split": split}, catalog, {"small": data}.get, lambda: ["small"])
    assert parsed.dataset == data


def test_multilabel_data_is_not_available_yet(catalog: Any) -> None:
    assert refusal(catalog, facts(task="multilabel", classes=None, class_counts=None)) == [
        ("/dataset", "not_available")
    ]
