"""Warnings: what a user is told about a study that can be run."""

from __future__ import annotations

from typing import Any

from regtune.dataset import DatasetFacts
from regtune.study import parse_study

STOPPING = {"kind": "early_stopping"}


def warnings(parse: Any, **written: object) -> tuple[str, ...]:
    told: tuple[str, ...] = parse({"dataset": "wine", **written}).warnings
    return told


def test_an_ordinary_study_is_not_warned_of(parse: Any) -> None:
    assert warnings(parse, regularizers=[STOPPING, {"kind": "dropout"}], training={"batch_size": 32}) == ()


def test_the_early_stopping_pruner_wants_a_regularizer_early_stopping(parse: Any) -> None:
    (told,) = warnings(parse, regularizers=[{"kind": "dropout"}], training={"batch_size": 32})
    assert told.startswith("the pruner early_stopping has no signal")


def test_an_early_stopping_that_is_off_is_none(parse: Any) -> None:
    (told,) = warnings(parse, regularizers=[{**STOPPING, "gate": "off"}], training={"batch_size": 32})
    assert told.startswith("the pruner early_stopping has no signal")


def test_without_a_pruner_early_stopping_is_not_missed(parse: Any) -> None:
    assert warnings(parse, regularizers=[], pruner=None, training={"batch_size": 32}) == ()


def test_penalties_searched_together_are_said_to_overlap(parse: Any) -> None:
    regularizers = [STOPPING, {"kind": "l1"}, {"kind": "l2"}, {"kind": "dropout"}]
    (told,) = warnings(parse, regularizers=regularizers, training={"batch_size": 32})
    assert told.startswith("l1, l2 overlap")


def test_one_penalty_alone_overlaps_with_none(parse: Any) -> None:
    regularizers = [STOPPING, {"kind": "l1"}, {"kind": "l2", "strength": 1e-4}]
    assert warnings(parse, regularizers=regularizers, training={"batch_size": 32}) == ()


def test_a_batch_larger_than_the_training_rows_is_pointed_out(parse: Any) -> None:
    # Of 178 rows 36 each are for validation and for test.
    (told,) = warnings(parse, regularizers=[STOPPING], training={"batch_size": {"choices": [32, 107]}})
    assert told.startswith("a batch_size of 107 is more than the 106 training rows")


def test_mirrored_digits_are_pointed_out(parse: Any) -> None:
    (told,) = warnings(parse, dataset="digits", regularizers=[STOPPING, {"kind": "flip"}])
    assert "flip turns them into signs that are none" in told


def test_an_objective_turned_round_is_pointed_out(parse: Any) -> None:
    objective = {"metric": "accuracy", "direction": "minimize"}
    (told,) = warnings(parse, regularizers=[STOPPING], training={"batch_size": 32}, objective=objective)
    assert told == "accuracy is better the other way round: this study will minimize it as told"


def test_a_class_too_rare_to_stratify_is_pointed_out(catalog: Any) -> None:
    rare = DatasetFacts("x", "x", "0" * 64, "classification", "table", (3,), 500, ("a", "b", "c"), (298, 200, 2))
    document = {"dataset": "x", "regularizers": [STOPPING]}
    (told,) = parse_study(document, catalog, {"x": rare}.get, lambda: ["x"]).warnings
    assert told.startswith('too few rows for each part of the split to have one: of class "c" (2); ')


def test_of_many_rare_classes_only_a_few_are_listed(catalog: Any) -> None:
    names, counts = tuple(map(str, range(400))), (1,) * 400
    rare = DatasetFacts("x", "x", "0" * 64, "classification", "table", (3,), 400, names, counts)
    document = {"dataset": "x", "regularizers": [STOPPING]}
    (told,) = parse_study(document, catalog, {"x": rare}.get, lambda: ["x"]).warnings
    assert '"4" (1) and 395 more; ' in told
