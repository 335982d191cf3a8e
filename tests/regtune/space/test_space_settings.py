"""Settings of a study: what they hold, and the two that it begins with."""

from __future__ import annotations

from typing import Any

import pytest

from regtune.space import default_setting, fit_values, kinds_in_use, plain_setting, setting_of
from regtune.study import StudyDefinition

COCKTAIL: dict[str, object] = {
    "dataset": "digits",
    "regularizers": [
        {"kind": "l1", "strength": {"low": 1e-7, "high": 1e-2}, "gate": "search"},
        {"kind": "dropout", "rate": {"low": 0.0, "high": 0.5}},
        {"kind": "l2", "strength": 1e-3, "gate": "off"},
        {"kind": "early_stopping", "patience": 5},
    ],
    "training": {"epochs": 30, "optimizer": {"kind": "adamw", "learning_rate": {"low": 1e-4, "high": 1e-2}}},
}


@pytest.fixture
def cocktail(parse: Any) -> StudyDefinition:
    definition: StudyDefinition = parse(COCKTAIL).definition
    return definition


def test_a_setting_holds_every_hyperparameter_in_use_and_every_searched_number(
    cocktail: StudyDefinition, catalog: Any
) -> None:
    defaults = {
        f"{kind}.{knob.name}": knob.default
        for kind in ("dropout", "early_stopping")
        for knob in catalog.kind(kind).hyperparameters
    }
    values = {"l1.gate": True, "l1.strength": 1e-4, "dropout.rate": 0.3, "training.optimizer.learning_rate": 0.01}
    assert setting_of(cocktail, values) == {**defaults, **values, "early_stopping.patience": 5}


def test_a_false_gate_leaves_out_the_rest_of_its_kind(cocktail: StudyDefinition) -> None:
    values = {"l1.gate": False, "dropout.rate": 0.3, "training.optimizer.learning_rate": 0.01}
    setting = setting_of(cocktail, values)
    assert [name for name in setting if name.startswith("l1.")] == ["l1.gate"]


def test_the_order_of_a_setting_is_the_study_s(cocktail: StudyDefinition) -> None:
    values = {"training.optimizer.learning_rate": 0.01, "dropout.rate": 0.3, "l1.strength": 1e-4, "l1.gate": True}
    assert list(setting_of(cocktail, values)) == list(setting_of(cocktail, dict(reversed(values.items()))))


def test_a_value_that_is_missing_is_a_key_error(cocktail: StudyDefinition) -> None:
    with pytest.raises(KeyError, match=r"dropout\.rate"):
        setting_of(cocktail, {"l1.gate": False, "training.optimizer.learning_rate": 0.01})


def test_trial_0_has_nothing_on(cocktail: StudyDefinition, catalog: Any) -> None:
    setting = plain_setting(cocktail, catalog)
    assert kinds_in_use(setting) == ()
    assert setting == {"l1.gate": False, "training.optimizer.learning_rate": 1e-3}


def test_trial_1_has_the_study_s_own_kinds_at_their_defaults(cocktail: StudyDefinition, catalog: Any) -> None:
    setting = default_setting(cocktail, catalog)
    assert kinds_in_use(setting) == ("l1", "dropout", "early_stopping")
    assert setting["l1.strength"] == catalog.kind("l1").hyperparameters[0].default
    assert setting["training.optimizer.learning_rate"] == 1e-3


def test_trial_1_keeps_what_the_study_fixes(cocktail: StudyDefinition, catalog: Any) -> None:
    assert default_setting(cocktail, catalog)["early_stopping.patience"] == 5


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        ({"low": 0.5, "high": 0.8}, 0.5),
        ({"low": 0.0, "high": 0.05}, 0.05),
        ({"choices": [0.7, 0.3, 0.01]}, 0.3),
    ],
)
def test_a_default_outside_of_the_search_gives_way_to_the_nearest_value(
    parse: Any, catalog: Any, rate: dict[str, object], expected: float
) -> None:
    assert 0.25 > catalog.kind("dropout").hyperparameters[0].default > 0.16
    document = {"dataset": "digits", "regularizers": [{"kind": "dropout", "rate": rate}]}
    assert default_setting(parse(document).definition, catalog)["dropout.rate"] == expected


def test_names_are_not_near_or_far_so_that_the_first_stands_in(parse: Any, catalog: Any) -> None:
    use = {"kind": "early_stopping", "rule": {"choices": ["rises"]}}
    definition = parse({"dataset": "digits", "regularizers": [use]}).definition
    assert default_setting(definition, catalog)["early_stopping.rule"] == "rises"


def test_a_fit_is_told_what_the_study_fixes_too(cocktail: StudyDefinition, catalog: Any) -> None:
    values = fit_values(cocktail, plain_setting(cocktail, catalog))
    assert values["training.epochs"] == 30
    assert values["training.batch_size"] == 128
    assert values["model.width"] == 128
    assert values["training.optimizer.learning_rate"] == 1e-3


def test_what_is_searched_comes_from_the_setting(parse: Any) -> None:
    definition = parse(
        {"dataset": "digits", "regularizers": [], "training": {"epochs": {"low": 5, "high": 50}}}
    ).definition
    assert fit_values(definition, setting_of(definition, {"training.epochs": 7}))["training.epochs"] == 7
