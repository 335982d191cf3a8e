"""Declaring hyperparameters."""

import math

import pytest

from regcore.hyper import Declared, Hyperparameter, choice, flag, integer, real


class Example(Declared):
    strength = real(1e-6, 1.0, default=1e-3, log=True, off=0.0, search=(1e-5, 1e-1), doc="λ.")
    steps = integer(1, 9, default=5, per="program", doc="How many.")
    norm = choice("l1", "l2", default="l2", search=True, doc="Which.")
    centered = flag(default=False, search=True, doc="Whether.")


class Derived(Example):
    steps = integer(1, 99, default=50, doc="How many.")
    share = real(0.0, 1.0, default=0.5, search=True, doc="Of what.")


def test_a_class_declares_its_fields_by_name_and_in_order() -> None:
    assert list(Example.hyperparameters) == ["strength", "steps", "norm", "centered"]
    assert [knob.name for knob in Example.hyperparameters.values()] == ["strength", "steps", "norm", "centered"]


def test_a_value_left_out_takes_its_default() -> None:
    example = Example(strength=0.5)
    assert (example.strength, example.steps, example.norm, example.centered) == (0.5, 5, "l2", False)


def test_a_value_of_an_undeclared_name_is_refused() -> None:
    with pytest.raises(TypeError, match="has no \\['strenth'\\]; it has"):
        Example(strenth=0.5)


def test_a_derived_class_adds_fields_and_replaces_them_without_changing_its_base() -> None:
    assert list(Derived.hyperparameters) == ["strength", "steps", "norm", "centered", "share"]
    assert Derived.hyperparameters["steps"].high == 99
    assert Example.hyperparameters["steps"].high == 9


def test_searching_means_the_whole_range_unless_a_part_is_given() -> None:
    assert Derived.hyperparameters["share"].search == (0.0, 1.0)
    assert Derived.hyperparameters["strength"].search == (1e-5, 1e-1)
    assert Derived.hyperparameters["steps"].search is None


def test_searching_a_choice_or_a_flag_means_all_its_values() -> None:
    assert Example.hyperparameters["norm"].search == ("l1", "l2")
    assert Example.hyperparameters["centered"].search == (False, True)


@pytest.mark.parametrize("knob", Derived.hyperparameters.values(), ids=lambda knob: knob.name)
def test_a_hyperparameter_survives_json(knob: Hyperparameter) -> None:
    assert Hyperparameter.from_json(knob.to_json()) == knob


def test_an_instance_shows_its_values() -> None:
    assert repr(Example(norm="l1")) == "Example(strength=0.001, steps=5, norm='l1', centered=False)"


def test_a_range_upside_down_is_refused() -> None:
    with pytest.raises(ValueError, match="upside down"):
        real(1.0, 0.5, default=0.7, doc="")


def test_a_logarithmic_range_from_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="starts above 0"):
        real(0.0, 1.0, default=0.5, log=True, doc="")


def test_a_default_outside_the_range_is_refused_unless_it_is_the_off_value() -> None:
    with pytest.raises(ValueError, match="lies outside"):
        integer(1, 5, default=6, doc="")
    assert real(1e-3, 1.0, default=0.0, off=0.0, log=True, doc="").default == 0.0


def test_an_off_value_is_finite() -> None:
    with pytest.raises(ValueError, match="finite"):
        real(0.0, 1.0, default=0.5, off=math.inf, doc="")


def test_a_searched_range_lies_within_the_range() -> None:
    with pytest.raises(ValueError, match="does not lie within"):
        real(0.0, 1.0, default=0.5, search=(0.5, 1.5), doc="")


def test_a_default_is_among_the_choices() -> None:
    with pytest.raises(ValueError, match="not among the choices"):
        choice("l1", "l2", default="l3", doc="")
