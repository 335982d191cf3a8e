"""How a study sets hyperparameters: fixed, searched, left out or off."""

from __future__ import annotations

from typing import Any

import pytest

from regtune.study import OneOf, Range, RegularizerUse


def use_of(parse: Any, **entry: object) -> RegularizerUse:
    use: RegularizerUse = parse({"dataset": "digits", "regularizers": [entry]}).definition.regularizers[0]
    return use


def test_a_number_is_fixed(parse: Any) -> None:
    assert use_of(parse, kind="dropout", rate=0.3).hyperparameters["rate"] == 0.3


def test_a_range_has_the_catalogue_s_scale_where_it_says_none(parse: Any) -> None:
    strength = use_of(parse, kind="l1", strength={"low": 1e-6, "high": 1e-3}).hyperparameters["strength"]
    assert strength == Range(low=1e-6, high=1e-3, log=True)


def test_a_range_may_have_a_scale_of_its_own(parse: Any) -> None:
    strength = use_of(parse, kind="l1", strength={"low": 1e-6, "high": 1e-3, "log": False}).hyperparameters["strength"]
    assert strength == Range(low=1e-6, high=1e-3, log=False)


def test_a_range_of_whole_numbers_keeps_them_whole(parse: Any) -> None:
    patience = use_of(parse, kind="early_stopping", patience={"low": 3, "high": 12.0}).hyperparameters["patience"]
    assert isinstance(patience, Range)
    assert (type(patience.low), type(patience.high)) == (int, int)


def test_a_real_number_written_whole_becomes_real(parse: Any) -> None:
    rate = use_of(parse, kind="dropout", rate=0).hyperparameters["rate"]
    assert (type(rate), rate) == (float, 0.0)


def test_choices_are_kept_in_order(parse: Any) -> None:
    rate = use_of(parse, kind="dropout", rate={"choices": [0.5, 0.1, 0]}).hyperparameters["rate"]
    assert rate == OneOf(choices=(0.5, 0.1, 0.0))


def test_choices_may_be_names(parse: Any) -> None:
    norm = use_of(parse, kind="weight_regularization", norm={"choices": ["l1", "l2"]}).hyperparameters["norm"]
    assert norm == OneOf(choices=("l1", "l2"))


def test_left_out_and_searched_by_the_catalogue_it_is_searched(parse: Any, catalog: Any) -> None:
    declared = catalog.kind("dropout").hyperparameters[0]
    rate = use_of(parse, kind="dropout").hyperparameters["rate"]
    assert rate == Range(low=declared.search[0], high=declared.search[1], log=declared.log)


def test_left_out_and_not_searched_by_the_catalogue_it_takes_its_default(parse: Any) -> None:
    assert use_of(parse, kind="early_stopping").hyperparameters["patience"] == 10


def test_the_off_value_is_legal_beside_the_range(parse: Any) -> None:
    assert use_of(parse, kind="l1", strength=0.0).hyperparameters["strength"] == 0.0


def test_hyperparameters_stand_in_the_catalogue_s_order(parse: Any) -> None:
    use = use_of(parse, kind="early_stopping", patience=3, rule="rises")
    assert list(use.hyperparameters)[:2] == ["rule", "patience"]


@pytest.mark.parametrize("gate", ["on", "off", "search"])
def test_a_gate_is_on_off_or_searched(parse: Any, gate: str) -> None:
    assert use_of(parse, kind="dropout", gate=gate).gate == gate


def test_a_gate_left_out_is_on(parse: Any) -> None:
    assert use_of(parse, kind="dropout").gate == "on"


def test_numbers_of_network_and_training_may_be_searched(parse: Any) -> None:
    definition = parse(
        {
            "dataset": "digits",
            "model": {"kind": "mlp", "width": {"low": 32, "high": 256}},
            "training": {
                "batch_size": {"choices": [64, 128]},
                "optimizer": {"kind": "sgd", "learning_rate": {"low": 1e-4, "high": 1e-1}},
            },
        }
    ).definition
    assert definition.model.hyperparameters["width"] == Range(low=32, high=256, log=True)
    assert definition.training.batch_size == OneOf(choices=(64, 128))
    assert definition.training.optimizer.hyperparameters["learning_rate"] == Range(low=1e-4, high=1e-1, log=True)


def test_a_flag_is_true_or_false(parse: Any) -> None:
    optimizer = {"kind": "sgd", "nesterov": True}
    definition = parse({"dataset": "digits", "training": {"optimizer": optimizer}}).definition
    assert definition.training.optimizer.hyperparameters["nesterov"] is True
