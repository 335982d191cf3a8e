"""The pruner early_stopping: which early-stopped trials count as completed."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regtune.metrics import Direction
from regtune.pruning import LEAST_ENDED_TRIALS, Keep, Stop, label_early_stopped

EIGHT = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
values = st.floats(min_value=-1e6, max_value=1e6)
directions: st.SearchStrategy[Direction] = st.sampled_from(("maximize", "minimize"))
shares = st.floats(min_value=0.01, max_value=1.0)


def test_no_trial_is_pruned_before_eight_have_ended() -> None:
    assert label_early_stopped(-1.0, EIGHT[:7], 0.5, "maximize") == Keep()


def test_the_ninth_trial_may_be_pruned() -> None:
    assert isinstance(label_early_stopped(-1.0, EIGHT, 0.5, "maximize"), Stop)


# Of eight values half is four: three better ones leave room, four do not.
@pytest.mark.parametrize(("value", "kept"), [(0.9, True), (0.55, True), (0.45, False), (0.05, False)])
def test_a_trial_is_kept_while_fewer_than_its_share_are_better(value: float, kept: bool) -> None:
    assert isinstance(label_early_stopped(value, EIGHT, 0.5, "maximize"), Keep) is kept


@pytest.mark.parametrize(("value", "kept"), [(0.05, True), (0.35, True), (0.45, False), (0.9, False)])
def test_less_is_better_where_the_objective_is_minimized(value: float, kept: bool) -> None:
    assert isinstance(label_early_stopped(value, EIGHT, 0.5, "minimize"), Keep) is kept


def test_a_tie_is_in_the_trial_s_favour() -> None:
    assert label_early_stopped(0.5, (0.5,) * 20, 0.05, "maximize") == Keep()


def test_the_share_is_rounded_up_to_whole_trials() -> None:
    # 0.3 × 8 = 2.4, so that three are kept: two better ones leave room.
    assert label_early_stopped(0.65, EIGHT, 0.3, "maximize") == Keep()
    assert isinstance(label_early_stopped(0.55, EIGHT, 0.3, "maximize"), Stop)


def test_the_share_is_taken_as_it_was_written() -> None:
    # 0.55 × 100 is 55, and 55.00000000000001 in floating point, which would round up to 56.
    ended = [float(value) for value in range(100)]
    assert isinstance(label_early_stopped(44.5, ended, 0.55, "maximize"), Stop)


def test_the_reason_counts_those_that_were_better() -> None:
    verdict = label_early_stopped(0.05, EIGHT, 0.5, "maximize")
    assert verdict == Stop("8 of the 8 trials that ended before it are better; the best 4 count as completed")


def test_a_value_that_is_no_number_is_pruned() -> None:
    assert isinstance(label_early_stopped(math.nan, EIGHT, 0.5, "maximize"), Stop)


@given(value=values, ended=st.lists(values, max_size=30), direction=directions)
def test_keeping_all_keeps_every_trial(value: float, ended: list[float], direction: Direction) -> None:
    assert label_early_stopped(value, ended, 1.0, direction) == Keep()


@given(value=values, other=values, ended=st.lists(values, min_size=8, max_size=30), keep=shares, direction=directions)
def test_a_better_value_is_never_pruned_where_a_worse_one_is_kept(
    value: float, other: float, ended: list[float], keep: float, direction: Direction
) -> None:
    better, worse = (max, min) if direction == "maximize" else (min, max)
    worse_verdict = label_early_stopped(worse(value, other), ended, keep, direction)
    better_verdict = label_early_stopped(better(value, other), ended, keep, direction)
    assert isinstance(better_verdict, Keep) or isinstance(worse_verdict, Stop)


@given(ended=st.lists(values, min_size=LEAST_ENDED_TRIALS, max_size=30, unique=True), keep=shares, direction=directions)
def test_of_the_ended_values_themselves_the_share_is_kept(
    ended: list[float], keep: float, direction: Direction
) -> None:
    verdicts = [label_early_stopped(value, ended, keep, direction) for value in ended]
    kept = sum(isinstance(verdict, Keep) for verdict in verdicts)
    assert keep * len(ended) - 1e-9 <= kept < keep * len(ended) + 1 + 1e-9


@given(value=values, ended=st.lists(values, max_size=30), keep=shares, direction=directions)
def test_the_order_in_which_trials_ended_does_not_matter(
    value: float, ended: list[float], keep: float, direction: Direction
) -> None:
    forwards = label_early_stopped(value, ended, keep, direction)
    assert forwards == label_early_stopped(value, ended[::-1], keep, direction)
