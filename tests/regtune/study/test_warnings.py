"""Warnings: what a user is told about a study that can be run."""

from __future__ import annotations

from typing import Any

import pytest

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


def told_of(parse: Any, pruner: dict[str, object], **written: object) -> tuple[str, ...]:
    return warnings(parse, regularizers=[], training={"batch_size": 32, "epochs": 16}, pruner=pruner, **written)


@pytest.mark.parametrize(
    ("pruner", "reason"),
    [
        ({"kind": "asha", "min_epochs": 16}, "it first looks after 16 epochs (min_epochs)"),
        ({"kind": "median", "warmup_epochs": 16}, "it first looks after 16 epochs (warmup_epochs)"),
        ({"kind": "median", "startup_trials": 128}, "it waits until 128 have completed (startup_trials)"),
    ],
)
def test_a_pruner_that_never_cuts_is_pointed_out(parse: Any, pruner: dict[str, object], reason: str) -> None:
    (told,) = told_of(parse, pruner)
    assert told.startswith(f"the pruner {pruner['kind']} cuts no trial: {reason}")


@pytest.mark.parametrize(
    "pruner",
    [
        {"kind": "asha", "min_epochs": 15},
        {"kind": "median", "warmup_epochs": 15},
        {"kind": "median", "startup_trials": 127},
    ],
)
def test_a_pruner_that_may_cut_is_not_warned_of(parse: Any, pruner: dict[str, object]) -> None:
    assert told_of(parse, pruner) == ()


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


def test_products_that_are_coarser_are_pointed_out(parse: Any) -> None:
    (told,) = warnings(parse, regularizers=[STOPPING], training={"batch_size": 32}, resources={"precision": "bfloat16"})
    assert told.startswith("products in bfloat16 are coarser than in float32")


def test_a_precision_that_only_gpus_have_is_pointed_out(parse: Any) -> None:
    anywhere, coarse = warnings(
        parse, regularizers=[STOPPING], training={"batch_size": 32}, resources={"precision": "tf32"}
    )
    assert anywhere == "only GPUs multiply in tf32: workers on a processor leave this study's trials queued"
    assert coarse.startswith("products in tf32 are coarser")
    on_gpus = {"precision": "tf32", "device": "cuda"}
    assert warnings(parse, regularizers=[STOPPING], training={"batch_size": 32}, resources=on_gpus) == (coarse,)
