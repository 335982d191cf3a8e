"""Stopping rules on curves."""

import itertools
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regcore.stopping import no_improvement, rises

RULES = pytest.mark.parametrize("rule", [rises, no_improvement])


def stops(rule, curve, patience, min_delta=0.0):
    """Whether one fit with this curve ends now."""
    return bool(rule(np.array([curve], dtype=float), np.array([len(curve)]), patience, min_delta)[0])


def first_stop(rule, curve, patience, min_delta=0.0):
    """The epoch, from 1, after which the fit first ends; None if never."""
    ended = [epoch for epoch in range(1, len(curve) + 1) if stops(rule, curve[:epoch], patience, min_delta)]
    return ended[0] if ended else None


def test_rises_ends_a_fit_whose_loss_rose_k_epochs_in_a_row() -> None:
    assert first_stop(rises, [5, 4, 3, 4, 5, 6, 7], patience=3) == 6


def test_one_epoch_without_a_rise_begins_the_count_anew() -> None:
    assert first_stop(rises, [1, 2, 3, 2.9, 3, 4, 5], patience=3) == 7


def test_an_equal_loss_is_no_rise() -> None:
    assert first_stop(rises, [1, 2, 2, 3, 3, 4], patience=2) is None


def test_a_rise_below_the_least_difference_is_no_rise() -> None:
    assert first_stop(rises, [1.0, 1.5, 1.75, 3.0, 4.0], patience=2, min_delta=0.5) == 5


def test_a_rise_of_exactly_the_least_difference_is_no_rise() -> None:
    assert not stops(rises, [1.0, 1.5], patience=1, min_delta=0.5)


def test_no_improvement_ends_a_fit_k_epochs_after_its_best() -> None:
    assert first_stop(no_improvement, [5, 3, 4, 3.5, 3.2, 1], patience=3) == 5


def test_an_equal_loss_is_no_improvement() -> None:
    assert first_stop(no_improvement, [2, 2, 2], patience=2) == 3


def test_an_improvement_within_the_least_difference_is_none() -> None:
    assert first_stop(no_improvement, [2.0, 1.75, 1.75], patience=2, min_delta=0.5) == 3


def test_small_improvements_add_up_to_one() -> None:
    slow = [2.0, 1.75, 1.25, 1.0, 0.5]
    assert first_stop(no_improvement, slow, patience=2, min_delta=0.5) is None


def test_the_two_rules_end_at_different_epochs() -> None:
    zigzag = [1, 2, 1.5, 2, 1.5, 2, 1.5]
    assert first_stop(rises, zigzag, patience=2) is None
    assert first_stop(no_improvement, zigzag, patience=2) == 3


@RULES
def test_the_first_epoch_never_ends_a_fit(rule) -> None:
    assert not stops(rule, [1.0], patience=1)
    assert not stops(rule, [math.inf], patience=1)


@RULES
def test_a_loss_that_is_not_a_number_ends_the_fit_at_once(rule) -> None:
    assert stops(rule, [math.nan], patience=100)
    assert stops(rule, [2.0, 1.0, math.nan], patience=100)


@RULES
def test_a_fit_without_an_epoch_does_not_end(rule) -> None:
    assert not rule(np.full((1, 3), np.nan), np.array([0]), 1)[0]
    assert not rule(np.empty((1, 0)), np.array([0]), 1)[0]


@RULES
def test_no_fits_give_no_answers(rule) -> None:
    assert rule(np.empty((0, 3)), np.empty(0, dtype=int), 1).shape == (0,)


@RULES
def test_a_falling_loss_never_ends_a_fit(rule) -> None:
    assert first_stop(rule, np.linspace(3, 1, 50), patience=1) is None


CURVE = st.lists(st.integers(0, 8).map(float), min_size=1, max_size=30)


@RULES
@given(curves=st.lists(st.tuples(CURVE, st.integers(1, 6), st.sampled_from([0.0, 0.5, 1.5])), min_size=1, max_size=6))
def test_each_fit_is_judged_by_its_own_curve_alone(rule, curves) -> None:
    longest = max(len(curve) for curve, _, _ in curves)
    losses = np.array([curve + [math.nan] * (longest - len(curve)) for curve, _, _ in curves])
    epochs, patience, min_delta = (
        np.array(column)
        for column in zip(*((len(curve), patience, least) for curve, patience, least in curves), strict=True)
    )
    alone = [stops(rule, *fit) for fit in curves]
    assert rule(losses, epochs, patience, min_delta).tolist() == alone


@given(curve=CURVE, patience=st.integers(1, 6))
def test_rises_is_what_its_formula_says(curve, patience) -> None:
    last = curve[-(patience + 1) :]
    formula = len(last) == patience + 1 and all(later > earlier for earlier, later in itertools.pairwise(last))
    assert stops(rises, curve, patience) == formula


@given(curve=CURVE, patience=st.integers(1, 6))
def test_no_improvement_counts_from_the_earliest_best(curve, patience) -> None:
    assert stops(no_improvement, curve, patience) == (len(curve) - 1 - curve.index(min(curve)) >= patience)


@given(curve=CURVE, patience=st.integers(1, 6))
def test_whoever_rises_k_times_in_a_row_has_not_improved_for_k_epochs(curve, patience) -> None:
    assert stops(no_improvement, curve, patience) or not stops(rises, curve, patience)


def test_the_rules_load_no_torch() -> None:
    code = "import sys, regcore.stopping; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
