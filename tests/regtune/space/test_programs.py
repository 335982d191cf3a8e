"""Programs: what fits share to be lanes of one, and what may differ between lanes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from regtune.space import default_setting, plain_setting, program_digest, program_of, setting_of

STUDY: dict[str, Any] = {
    "dataset": "digits",
    "model": {"kind": "mlp", "width": {"choices": [64, 128]}},
    "training": {"batch_size": 32, "epochs": {"low": 5, "high": 50}},
    "regularizers": [
        {"kind": "dropout", "rate": {"low": 0.0, "high": 0.5}},
        {"kind": "batch_norm", "gate": "search"},
        {"kind": "l2", "gate": "off"},
    ],
}
NOTHING: Mapping[str, Any] = {}
POINT: dict[str, Any] = {"dropout.rate": 0.1, "batch_norm.gate": True, "model.width": 64, "training.epochs": 9}


def digest(parse: Any, study: Mapping[str, Any] = NOTHING, point: Mapping[str, Any] = NOTHING) -> str:
    definition = parse({**STUDY, **study}).definition
    return program_digest(definition, setting_of(definition, {**POINT, **point}))


def test_a_program_names_all_that_its_lanes_share(parse: Any) -> None:
    definition = parse(STUDY).definition
    assert program_of(definition, setting_of(definition, POINT)) == {
        "dataset_digest": definition.resolved.dataset_digest,
        "split": {"kind": "holdout", "validation": 0.2, "test": 0.2, "stratify": True},
        "precision": "float32",
        "architecture": "mlp",
        "optimizer": "adamw",
        "schedule": "constant",
        "kinds": ["batch_norm", "dropout"],
        "values": {"model.width": 64, "model.depth": 2, "training.batch_size": 32},
    }


@pytest.mark.parametrize("point", [{"dropout.rate": 0.4}, {"batch_norm.gate": False}, {"training.epochs": 44}])
def test_what_a_lane_has_for_itself_does_not_change_the_program(parse: Any, point: dict[str, object]) -> None:
    assert digest(parse, point=point) == digest(parse)


def test_a_value_that_changes_shapes_changes_the_program(parse: Any) -> None:
    assert digest(parse, point={"model.width": 128}) != digest(parse)


@pytest.mark.parametrize(
    "study",
    [
        {"training": {"batch_size": 64, "epochs": {"low": 5, "high": 50}}},
        {"training": {"batch_size": 32, "epochs": {"low": 5, "high": 50}, "schedule": {"kind": "cosine"}}},
        {"training": {"batch_size": 32, "epochs": {"low": 5, "high": 50}, "optimizer": {"kind": "sgd"}}},
        {"split": {"validation": 0.1}},
        {"resources": {"precision": "bfloat16"}},
        {"resources": {"precision": "tf32"}},
        {"regularizers": [*STUDY["regularizers"], {"kind": "early_stopping"}]},
    ],
)
def test_another_way_to_train_is_another_program(parse: Any, study: dict[str, Any]) -> None:
    assert digest(parse, study) != digest(parse)


@pytest.mark.parametrize(
    "study", [{"seed": 5}, {"name": "x"}, {"budget": {"trials": 5}}, {"objective": {"metric": "accuracy"}}]
)
def test_what_does_not_enter_the_training_does_not_enter_the_program(parse: Any, study: dict[str, Any]) -> None:
    assert digest(parse, study) == digest(parse)


def test_the_order_of_regularizers_does_not_matter(parse: Any) -> None:
    assert digest(parse, {"regularizers": STUDY["regularizers"][::-1]}) == digest(parse)


def test_the_baselines_run_in_one_program(parse: Any, catalog: Any) -> None:
    definition = parse(STUDY).definition
    plain, default = plain_setting(definition, catalog), default_setting(definition, catalog)
    assert program_digest(definition, plain) == program_digest(definition, default)


def test_a_kind_with_a_fixed_shape_is_in_the_program_of_trials_without_it_too(parse: Any) -> None:
    use = {"kind": "ghost_batch_norm", "size": 16, "gate": "search"}
    definition = parse({"dataset": "digits", "regularizers": [use]}).definition
    with_it, without = (
        program_of(definition, setting_of(definition, {"ghost_batch_norm.gate": gate})) for gate in (True, False)
    )
    assert with_it == without
    assert with_it["values"]["ghost_batch_norm.size"] == 16


def test_a_kind_whose_shape_is_searched_is_not_in_the_program_of_trials_without_it(parse: Any) -> None:
    use = {"kind": "ghost_batch_norm", "size": {"choices": [16, 32]}, "gate": "search"}
    definition = parse({"dataset": "digits", "regularizers": [use, {"kind": "l1", "strength": 1e-4}]}).definition
    program = program_of(definition, setting_of(definition, {"ghost_batch_norm.gate": False}))
    assert program["kinds"] == ["l1"]
    assert "ghost_batch_norm.size" not in program["values"]
