"""The median rule: whom it stops, from when on, and whom it spares."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from regtune.pruning import Keep, Stop
from regtune.pruning.curves import Curves
from regtune.pruning.median import Median
from regtune.pruning.peers import OfCompleted, Peers
from regtune.study import MedianPruner

FLAT = (1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
"""Losses that improve at the first epoch alone."""


def median(**asked: int) -> Median:
    return Median(MedianPruner.model_validate({"startup_trials": 1, **asked}), "maximize")


def completed(*curves: Sequence[float]) -> Peers:
    peers = Peers()
    for number, curve in enumerate(curves):
        for epoch, value in enumerate(curve, start=1):
            peers.add(str(number), epoch, value)
    return peers


def is_stopped(pruner: Median, objectives: Sequence[float], peers: Peers, losses: Sequence[float] = FLAT) -> bool:
    (verdict,) = pruner.prune(Curves.of([objectives], [losses[: len(objectives)]]), peers)
    return isinstance(verdict, Stop)


THREE = completed([0.1, 0.2], [0.3, 0.4], [0.5, 0.6])


def test_it_compares_with_whole_curves_of_completed_trials() -> None:
    assert median().compares_with(50) == OfCompleted()


@pytest.mark.parametrize(("value", "stopped"), [(0.39, True), (0.4, False), (0.41, False)])
def test_what_is_worse_than_the_median_is_stopped(value: float, stopped: bool) -> None:
    assert is_stopped(median(), [0.0, value], THREE) is stopped


def test_the_best_so_far_counts_and_not_the_last() -> None:
    assert not is_stopped(median(), [0.5, 0.0], THREE)


def test_the_median_of_an_even_number_lies_between_the_middle_two() -> None:
    peers = completed([0.0, 0.2], [0.0, 0.4])
    assert [is_stopped(median(), [0.0, value], peers) for value in (0.29, 0.31)] == [True, False]


def test_a_trial_that_did_not_reach_the_epoch_does_not_count_there() -> None:
    peers = completed([0.1], [0.2], [0.1, 0.9])
    assert is_stopped(median(), [0.3, 0.3], peers)


def test_where_nobody_reached_the_epoch_nothing_is_stopped() -> None:
    assert not is_stopped(median(), [0.0, 0.0, 0.0], THREE)


def test_nothing_is_stopped_before_enough_have_completed() -> None:
    assert not is_stopped(median(startup_trials=4), [0.0, 0.0], THREE)
    assert is_stopped(median(startup_trials=3), [0.0, 0.0], THREE)
    assert not is_stopped(median(startup_trials=0), [0.0, 0.0], Peers())


def test_a_trial_is_looked_at_after_its_warm_up_and_then_at_intervals() -> None:
    pruner = median(warmup_epochs=2, interval_epochs=3, spare_improving=False)
    peers = completed([1.0] * 6)
    assert [is_stopped(pruner, [0.0] * epochs, peers) for epochs in range(1, 7)] == [
        False,
        True,
        False,
        False,
        True,
        False,
    ]


def test_one_that_improves_is_spared_unless_told_otherwise() -> None:
    falling = (1.0, 0.9)
    assert not is_stopped(median(), [0.0, 0.0], THREE, falling)
    assert is_stopped(median(spare_improving=False), [0.0, 0.0], THREE, falling)


def test_one_without_any_number_is_stopped() -> None:
    (verdict,) = median().prune(Curves.of([[math.nan, math.nan]], [[1.0, 1.0]]), THREE)
    assert verdict == Stop("none of its objectives is a number")


def test_the_reason_has_both_numbers() -> None:
    (verdict,) = median().prune(Curves.of([[0.1, 0.125]], [[1.0, 1.0]]), THREE)
    assert verdict == Stop("its best in 2 epochs, 0.125, is worse than 0.4, the median of the 3 completed trials there")


def test_trials_are_judged_each_by_its_own_epoch() -> None:
    curves = Curves.of([[0.0], [0.45, 0.3], [0.35, 0.3]], [[1.0], [1.0, 1.0], [1.0, 1.0]])
    verdicts = median(spare_improving=False).prune(curves, THREE)
    assert [isinstance(verdict, Stop) for verdict in verdicts] == [True, False, True]
    assert verdicts[1] == Keep()
