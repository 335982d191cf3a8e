"""The search space: its dimensions, their order, and what hangs on a gate."""

from __future__ import annotations

import json
from typing import Any

from regtune.space import Dimension, SearchSpace, space_of


def space(parse: Any, catalog: Any, **written: object) -> SearchSpace:
    return space_of(parse({"dataset": "digits", "regularizers": [], **written}).definition, catalog)


def test_a_study_that_fixes_everything_has_no_dimensions(parse: Any, catalog: Any) -> None:
    assert len(space(parse, catalog)) == 0


def test_a_range_is_a_dimension_with_ends_and_scale(parse: Any, catalog: Any) -> None:
    found = space(parse, catalog, regularizers=[{"kind": "l1", "strength": {"low": 1e-6, "high": 1e-3}}])
    assert found.dimensions == (Dimension("l1.strength", "real", 1e-6, 1e-3, log=True),)


def test_a_gate_comes_before_what_hangs_on_it(parse: Any, catalog: Any) -> None:
    rate = {"low": 0.1, "high": 0.5}
    found = space(parse, catalog, regularizers=[{"kind": "dropout", "rate": rate, "gate": "search"}])
    assert found.dimensions == (
        Dimension("dropout.gate", "flag"),
        Dimension("dropout.rate", "real", 0.1, 0.5, conditions={"dropout.gate": True}),
    )


def test_what_is_off_is_not_searched(parse: Any, catalog: Any) -> None:
    assert len(space(parse, catalog, regularizers=[{"kind": "dropout", "gate": "off"}])) == 0


def test_choices_are_a_dimension_without_a_scale(parse: Any, catalog: Any) -> None:
    found = space(parse, catalog, regularizers=[{"kind": "dropout", "rate": {"choices": [0.1, 0.5]}}])
    assert found.dimensions == (Dimension("dropout.rate", "choice", choices=(0.1, 0.5)),)


def test_both_values_of_a_flag_are_a_flag(parse: Any, catalog: Any) -> None:
    optimizer = {"kind": "sgd", "nesterov": {"choices": [True, False]}}
    found = space(parse, catalog, training={"optimizer": optimizer})
    assert found.dimensions == (Dimension("training.optimizer.nesterov", "flag"),)


def test_what_lanes_must_share_says_so(parse: Any, catalog: Any) -> None:
    found = space(
        parse,
        catalog,
        model={"kind": "mlp", "width": {"low": 32, "high": 64}},
        training={"batch_size": {"choices": [32, 64]}, "epochs": {"low": 10, "high": 20}},
    )
    assert {dimension.name: dimension.per for dimension in found} == {
        "model.width": "program",
        "training.epochs": "lane",
        "training.batch_size": "program",
    }


def test_regularizers_come_in_the_study_s_order_and_then_network_and_training(parse: Any, catalog: Any) -> None:
    found = space(
        parse,
        catalog,
        training={"optimizer": {"kind": "adamw", "learning_rate": {"low": 1e-4, "high": 1e-2}}},
        model={"kind": "mlp", "depth": {"low": 1, "high": 3}},
        regularizers=[
            {"kind": "l2", "strength": {"low": 1e-5, "high": 1e-2}},
            {"kind": "batch_norm", "gate": "search"},
        ],
    )
    names = [dimension.name for dimension in found]
    assert names == ["l2.strength", "batch_norm.gate", "model.depth", "training.optimizer.learning_rate"]


def test_a_space_is_json(parse: Any, catalog: Any) -> None:
    found = space(parse, catalog, regularizers=[{"kind": "dropout", "rate": {"low": 0.1, "high": 0.5}}])
    assert json.loads(json.dumps(found.to_json())) == {
        "dimensions": [
            {
                "name": "dropout.rate",
                "type": "real",
                "low": 0.1,
                "high": 0.5,
                "log": False,
                "choices": [],
                "per": "lane",
                "conditions": {},
                "chance": None,
            }
        ]
    }
