"""Draws depend on their key alone, and land on their dimension."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regtune.space import Dimension, SearchSpace
from service.coordinator.draws import (
    PROGRAM_BLOCK_TRIALS,
    counter_of,
    draw,
    options_of,
    place,
    seed_from,
    share_of,
    unit_from,
)

units = st.floats(0.0, 1.0, exclude_max=True)
bounds = st.tuples(st.floats(1e-9, 1e6), st.floats(1e-9, 1e6)).map(sorted).filter(lambda pair: pair[0] < pair[1])
whole_bounds = (
    st.tuples(st.integers(1, 10_000), st.integers(1, 10_000)).map(sorted).filter(lambda ends: ends[0] < ends[1])
)


def test_a_seed_is_the_same_on_every_machine_and_in_every_version() -> None:
    assert seed_from(7, "random", "trial 3", "dropout.rate") == 15_236_419_488_194_533_038


def test_keys_of_other_types_or_boundaries_are_other_keys() -> None:
    assert len({seed_from("1", 2), seed_from(1, 2), seed_from("12"), seed_from(12), seed_from("1", "2")}) == 5


def test_units_are_uniform() -> None:
    tenths = [0] * 10
    for number in range(10_000):
        tenths[int(10 * unit_from(0, number))] += 1
    assert all(900 < count < 1100 for count in tenths)


@given(units, bounds, st.booleans())
def test_a_real_stays_within_its_range(unit: float, ends: list[float], log: bool) -> None:
    low, high = ends
    dimension = Dimension("l1.strength", "real", low=low, high=high, log=log)
    assert low <= place(dimension, unit) <= high


@given(units, whole_bounds, st.booleans())
def test_an_integer_is_whole_and_within_its_range(unit: float, ends: list[int], log: bool) -> None:
    low, high = ends
    value = place(Dimension("model.width", "integer", low=low, high=high, log=log), unit)
    assert isinstance(value, int)
    assert low <= value <= high


@given(units)
def test_a_choice_is_one_of_the_choices(unit: float) -> None:
    dimension = Dimension("training.optimizer.kind", "choice", choices=("adam", "sgd", "adamw"))
    assert place(dimension, unit) in options_of(dimension)


def test_half_of_a_logarithmic_range_is_its_geometric_mean() -> None:
    assert place(Dimension("l1.strength", "real", low=1e-7, high=1e-1, log=True), 0.5) == pytest.approx(1e-4)


def test_every_integer_is_equally_wide_on_a_linear_scale() -> None:
    dimension = Dimension("model.depth", "integer", low=1, high=4)
    counts = [sum(place(dimension, index / 4000) == depth for index in range(4000)) for depth in (1, 2, 3, 4)]
    assert counts == [1000, 1000, 1000, 1000]


def test_both_ends_of_a_logarithmic_integer_range_come_up() -> None:
    dimension = Dimension("early_stopping.patience", "integer", low=1, high=100, log=True)
    assert place(dimension, 0.0) == 1
    assert place(dimension, math.nextafter(1.0, 0.0)) == 100


def test_the_program_part_counts_blocks_and_the_rest_counts_trials() -> None:
    width = Dimension("model.width", "integer", low=1, high=9, per="program")
    rate = Dimension("dropout.rate", "real", low=0.0, high=0.8)
    first, last, following = 0, PROGRAM_BLOCK_TRIALS - 1, PROGRAM_BLOCK_TRIALS
    assert counter_of(width, first) == counter_of(width, last) != counter_of(width, following)
    assert counter_of(rate, first) != counter_of(rate, last)


@pytest.mark.parametrize("gate", [False, True])
def test_what_a_gate_holds_back_is_there_only_if_the_gate_is_true(gate: bool) -> None:
    space = SearchSpace(
        (
            Dimension("l1.gate", "flag"),
            Dimension("l1.strength", "real", low=0.1, high=0.2, conditions={"l1.gate": True}),
        )
    )
    chosen: Callable[[Dimension], float | bool] = lambda at: gate if at.name == "l1.gate" else 0.15  # noqa: E731
    assert draw(space, chosen) == ({"l1.strength": 0.15, "l1.gate": True} if gate else {"l1.gate": False})


@given(units, whole_bounds, st.booleans())
def test_an_integer_lies_in_the_middle_of_its_share(unit: float, ends: list[int], log: bool) -> None:
    low, high = ends
    dimension = Dimension("model.width", "integer", low=low, high=high, log=log)
    assert place(dimension, share_of(dimension, place(dimension, unit))) == place(dimension, unit)


@given(units)
def test_a_choice_lies_in_the_middle_of_its_share(unit: float) -> None:
    dimension = Dimension("training.optimizer.kind", "choice", choices=("adam", "sgd", "adamw"))
    value = place(dimension, unit)
    assert share_of(dimension, value) == pytest.approx((dimension.choices.index(value) + 0.5) / 3)
    assert place(dimension, share_of(dimension, value)) == value


@given(units, st.booleans())
def test_a_real_has_the_share_that_places_it(unit: float, log: bool) -> None:
    dimension = Dimension("l1.strength", "real", low=1e-7, high=1e-1, log=log)
    assert share_of(dimension, place(dimension, unit)) == pytest.approx(unit, abs=1e-9)


def test_a_range_of_one_value_has_its_middle() -> None:
    assert share_of(Dimension("dropout.rate", "real", low=0.5, high=0.5), 0.5) == 0.5


@given(units, st.floats(0.1, 0.9))
def test_a_flag_with_a_chance_is_true_in_the_upper_share_of_that_size(unit: float, chance: float) -> None:
    dimension = Dimension("mixup.gate", "flag", chance=chance)
    assert place(dimension, unit) is (unit >= 1 - chance)
    assert place(dimension, share_of(dimension, place(dimension, unit))) is place(dimension, unit)
