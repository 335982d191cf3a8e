"""A study of which little is written: the contract's defaults stand in for the rest."""

from __future__ import annotations

from typing import Any

import pytest
from contract_study import DEFAULTS


def test_only_the_data_set_is_required(parse: Any) -> None:
    definition = parse({"dataset": "digits"}).definition.to_json()
    del definition["regularizers"], definition["resolved"]
    assert definition == {**DEFAULTS, "name": "digits", "dataset": "digits"}


def test_the_optimizer_is_adamw_at_a_thousandth(parse: Any) -> None:
    optimizer = parse({"dataset": "digits"}).definition.training.optimizer
    assert (optimizer.kind, optimizer.hyperparameters["learning_rate"]) == ("adamw", 0.001)


@pytest.mark.parametrize(
    ("dataset", "metric", "direction"),
    [("wine", "balanced_accuracy", "maximize"), ("diabetes", "rmse", "minimize")],
)
def test_the_objective_is_what_the_task_is_judged_by(parse: Any, dataset: str, metric: str, direction: str) -> None:
    objective = parse({"dataset": dataset}).definition.objective
    assert (objective.metric, objective.direction) == (metric, direction)


def test_the_direction_is_the_metric_s_own(parse: Any) -> None:
    assert parse({"dataset": "wine", "objective": {"metric": "log_loss"}}).definition.objective.direction == "minimize"


def test_objectives_may_hold_the_one_objective(parse: Any) -> None:
    written = {"dataset": "wine", "objectives": [{"metric": "accuracy"}]}
    assert parse(written).definition.objective.metric == "accuracy"


def test_a_pruner_of_null_is_not_a_pruner_left_out(parse: Any) -> None:
    assert parse({"dataset": "digits", "pruner": None}).definition.pruner is None


@pytest.mark.parametrize(("epochs", "min_epochs"), [(1, 1), (50, 1), (200, 2), (250, 2), ({"low": 10, "high": 400}, 4)])
def test_asha_looks_first_after_a_hundredth_of_the_epochs(parse: Any, epochs: object, min_epochs: int) -> None:
    written = {"dataset": "digits", "training": {"epochs": epochs}, "pruner": {"kind": "asha"}}
    assert parse(written).definition.to_json()["pruner"] == {
        "kind": "asha",
        "min_epochs": min_epochs,
        "reduction_factor": 4,
        "spare_improving": True,
    }


def test_median_has_its_defaults(parse: Any) -> None:
    assert parse({"dataset": "digits", "pruner": {"kind": "median"}}).definition.to_json()["pruner"] == {
        "kind": "median",
        "startup_trials": 5,
        "warmup_epochs": 0,
        "interval_epochs": 1,
        "spare_improving": True,
    }


def test_failures_of_null_are_unlimited(parse: Any) -> None:
    assert parse({"dataset": "digits", "budget": {"failed_trials": None}}).definition.budget.failed_trials is None


def test_left_out_regularizers_are_the_recommended_ones(parse: Any, catalog: Any) -> None:
    model = {"kind": "resnet"}
    kinds = [use.kind for use in parse({"dataset": "digits", "model": model}).definition.regularizers]
    assert kinds == [entry["kind"] for entry in catalog.presets["recommended"]]


@pytest.mark.parametrize(
    ("dataset", "left_out"), [("digits", {"drop_path"}), ("diabetes", {"drop_path", "label_smoothing", "rotation"})]
)
def test_the_recommended_ones_are_those_that_suit_data_task_and_network(
    parse: Any, catalog: Any, dataset: str, left_out: set[str]
) -> None:
    kinds = {use.kind for use in parse({"dataset": dataset}).definition.regularizers}
    assert kinds == {entry["kind"] for entry in catalog.presets["recommended"]} - left_out


def test_a_preset_s_name_stands_for_its_regularizers(parse: Any) -> None:
    named = parse({"dataset": "digits", "regularizers": "recommended"}).definition
    assert named == parse({"dataset": "digits"}).definition


def test_a_preset_leaves_out_what_does_not_suit_the_data(parse: Any, catalog: Any) -> None:
    kinds = [use.kind for use in parse({"dataset": "wine"}).definition.regularizers]
    assert kinds
    assert all("table" in catalog.kind(kind).inputs for kind in kinds)


def test_an_empty_list_names_no_regularizers(parse: Any) -> None:
    assert parse({"dataset": "digits", "regularizers": []}).definition.regularizers == ()


def test_a_whole_number_may_be_written_with_a_point(parse: Any) -> None:
    epochs = parse({"dataset": "digits", "training": {"epochs": 30.0}}).definition.training.epochs
    assert (type(epochs), epochs) == (int, 30)


def test_the_data_is_pinned_by_its_digest(parse: Any) -> None:
    parsed = parse({"dataset": "wine"})
    assert parsed.definition.resolved.dataset_digest == parsed.dataset.digest
