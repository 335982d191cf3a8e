"""Stopping rules on curves."""

import itertools
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regcore.stopping import generalization_loss, no_improvement, progress_quotient, rises

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


def ends_by_generalization_loss(curve, threshold):
    return bool(generalization_loss(np.array([curve], dtype=float), np.array([len(curve)]), threshold)[0])


def ends_by_progress_quotient(curve, train, threshold, strip):
    losses, train_losses = np.array([curve], dtype=float), np.array([train], dtype=float)
    return bool(progress_quotient(losses, train_losses, np.array([len(curve)]), threshold, strip)[0])


def test_generalization_loss_is_by_how_many_percent_the_loss_is_above_its_lowest() -> None:
    curve = [3.0, 2.0, 1.0, 2.0, 1.04]
    assert ends_by_generalization_loss(curve, 3.9)
    assert not ends_by_generalization_loss(curve, 4.1)


def test_a_loss_at_its_lowest_never_ends_a_fit_by_generalization_loss() -> None:
    assert not ends_by_generalization_loss([2.0, 1.0, 1.0], 0.0)
    assert not ends_by_generalization_loss([0.0, 0.0], 0.0)
    assert ends_by_generalization_loss([0.0, 0.1], 1000.0)


def test_the_progress_quotient_divides_by_how_far_the_training_loss_is_above_its_lowest_of_the_strip() -> None:
    # GL = 100 · (1.5 / 1 − 1) = 50; P = 1000 · ((4 + 3 + 2) / (3 · 2) − 1) = 500; their quotient is 0.1.
    curve, train = [9.0, 1.0, 1.2, 1.4, 1.2, 1.5], [9.0, 8.0, 7.0, 4.0, 3.0, 2.0]
    assert ends_by_progress_quotient(curve, train, 0.099, strip=3)
    assert not ends_by_progress_quotient(curve, train, 0.101, strip=3)


def test_the_progress_quotient_is_asked_at_the_end_of_a_strip_only() -> None:
    rising, standing = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1.0] * 6
    ended = [ends_by_progress_quotient(rising[:n], standing[:n], 0.5, strip=3) for n in range(1, 7)]
    assert ended == [False, False, True, False, False, True]


def test_without_progress_any_rise_ends_a_fit_and_no_rise_does_not() -> None:
    assert ends_by_progress_quotient([1.0, 1.001], [1.0, 1.0], 1000.0, strip=2)
    assert not ends_by_progress_quotient([1.0, 1.0], [1.0, 1.0], 0.0, strip=2)


def test_fast_progress_lets_the_loss_rise() -> None:
    assert not ends_by_progress_quotient([1.0, 2.0], [1.0, 0.0], 0.5, strip=2)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_losses_that_are_not_finite_raise_no_warning(value) -> None:
    assert ends_by_generalization_loss([1.0, value], 2.0)
    assert ends_by_progress_quotient([1.0, 1.0, value], [1.0, 1.0, math.nan], 2.0, strip=5)
    assert not ends_by_generalization_loss([math.inf], 0.0)
    assert not ends_by_progress_quotient([math.inf, math.inf], [math.inf, math.inf], 0.0, strip=2)


def test_prechelts_rules_give_no_answers_for_no_fits_and_none_for_fits_without_an_epoch() -> None:
    no_epoch = np.full((2, 3), np.nan), np.array([0, 0])
    assert generalization_loss(*no_epoch, 0.0).tolist() == [False, False]
    assert progress_quotient(no_epoch[0], *no_epoch, 0.0).tolist() == [False, False]
    assert progress_quotient(np.empty((0, 3)), np.empty((0, 3)), np.empty(0, dtype=int), 1.0).shape == (0,)


TRAIN_CURVE = st.lists(st.integers(1, 8).map(float), min_size=1, max_size=12)


@given(curves=st.lists(st.tuples(TRAIN_CURVE, st.integers(2, 4), st.sampled_from([0.0, 0.05, 2.0])), min_size=1))
def test_prechelts_rules_judge_each_fit_by_its_own_curve_as_their_formulas_say(curves) -> None:
    longest = max(len(curve) for curve, _, _ in curves)
    losses = np.array([curve + [math.nan] * (longest - len(curve)) for curve, _, _ in curves])
    train = np.array([curve[::-1] + [math.nan] * (longest - len(curve)) for curve, _, _ in curves])
    epochs, strips, thresholds = (
        np.array(column) for column in zip(*((len(curve), *limits) for curve, *limits in curves), strict=True)
    )
    by_loss, by_quotient = [], []
    for curve, strip, threshold in curves:
        loss = 100 * (curve[-1] / min(curve) - 1)
        last = curve[::-1][-strip:]
        progress = 1000 * (sum(last) / (len(last) * min(last)) - 1)
        by_loss.append(loss > threshold + 1e-9)
        by_quotient.append(len(curve) % strip == 0 and loss > threshold * progress + 1e-9)
    assert generalization_loss(losses, epochs, thresholds).tolist() == by_loss
    assert progress_quotient(losses, train, epochs, thresholds, strips).tolist() == by_quotient


def test_the_rules_load_no_torch() -> None:
    code = "import sys, regcore.stopping; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
