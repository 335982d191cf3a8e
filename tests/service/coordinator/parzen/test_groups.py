"""Which trials are good, which are bad, and what they weigh."""

from __future__ import annotations

import numpy as np
import pytest

from service.coordinator.parzen.axes import Floats
from service.coordinator.parzen.groups import MOST_BAD, Group, fading_weights, good_and_bad, thinned


def split(losses: list[float] | Floats, cut: dict[int, int] | None = None) -> tuple[Group, Group]:
    """The groups of trials with these losses, of which some were cut after so many epochs."""
    cut_epochs = np.full(len(losses), np.inf)
    for number, epochs in (cut or {}).items():
        cut_epochs[number] = epochs
    return good_and_bad(np.asarray(losses, dtype=np.float64), cut_epochs)


@pytest.mark.parametrize(("scored", "good"), [(10, 1), (11, 2), (100, 10), (250, 25), (5000, 25)])
def test_a_tenth_is_good_and_never_more_than_25(scored: int, good: int) -> None:
    assert len(split(np.arange(scored, dtype=np.float64))[0].numbers) == good


def test_the_least_losses_are_good() -> None:
    losses = np.array([5.0, 3.0, 9.0, 1.0, 7.0, 2.0, 8.0, 6.0, 4.0, 10.0, 11.0])
    good, bad = split(losses)
    assert good.numbers.tolist() == [3, 5]
    assert bad.numbers.tolist() == [0, 1, 2, 4, 6, 7, 8, 9, 10]


def test_of_equal_losses_the_earlier_is_the_better() -> None:
    good, _ = split(np.array([1.0] * 4 + [0.5] + [1.0] * 15))
    assert good.numbers.tolist() == [0, 4]


def test_pending_trials_are_bad_and_do_not_count_towards_the_tenth() -> None:
    good, bad = split(np.array([np.inf] * 20 + [float(loss) for loss in range(10)]))
    assert good.numbers.tolist() == [20]
    assert set(range(20)) <= set(bad.numbers.tolist())


def test_trials_without_a_value_are_in_neither_group() -> None:
    good, bad = split(np.array([np.nan, *range(10), np.nan]))
    assert sorted([*good.numbers.tolist(), *bad.numbers.tolist()]) == list(range(1, 11))


def test_the_latest_25_weigh_1_and_older_ones_less() -> None:
    weights = fading_weights(100)
    np.testing.assert_allclose(weights[[0, 74, 75, 99]], [0.01, 1.0, 1.0, 1.0])
    assert np.all(np.diff(weights) >= 0)
    np.testing.assert_array_equal(fading_weights(25), np.ones(25))


def test_thinning_keeps_the_latest_trials_and_the_weight_of_the_older_ones() -> None:
    count, kept = 10 * MOST_BAD, MOST_BAD // 2
    weights = fading_weights(count)
    thin = thinned(Group(np.arange(count), weights))
    assert len(thin.numbers) == MOST_BAD
    assert thin.numbers[-kept:].tolist() == list(range(count - kept, count))
    np.testing.assert_allclose(thin.weights.sum(), weights.sum())
    np.testing.assert_allclose(thin.weights[thin.numbers < count // 2].sum(), weights[: count // 2].sum(), rtol=0.02)


def test_a_small_group_is_not_thinned() -> None:
    whole = Group(np.arange(MOST_BAD), np.ones(MOST_BAD))
    assert thinned(whole) is whole


def test_the_better_of_the_good_weigh_more() -> None:
    good, _ = split(np.array([3.0, 1.0, 2.0, *range(10, 37)]))
    assert good.numbers.tolist() == [0, 1, 2]
    np.testing.assert_allclose(good.weights, [0.5, 1.5, 1.0])


def test_a_cut_trial_is_no_better_than_one_with_a_value_whatever_its_loss() -> None:
    good, _ = split([0.1] * 10 + [5.0, 6.0, 7.0], cut=dict.fromkeys(range(10), 4))
    # Two of thirteen are good.
    assert good.numbers.tolist() == [10, 11]


def test_cut_trials_fill_what_those_with_a_value_leave_of_the_good() -> None:
    losses = [5.0, *(float(loss) for loss in range(19, 0, -1))]
    good, bad = split(losses, cut={1: 16, 2: 16, **dict.fromkeys(range(3, 20), 1)})
    # Two of twenty are good: the one with a value, and of those that got furthest the one of the lesser loss.
    assert good.numbers.tolist() == [0, 2]
    assert 1 in bad.numbers
    np.testing.assert_allclose(good.weights, [4 / 3, 2 / 3])


def test_where_all_were_cut_those_that_got_furthest_are_good() -> None:
    good, _ = split([float(loss) for loss in range(20)], cut={number: 1 + number % 4 for number in range(20)})
    assert good.numbers.tolist() == [3, 7]


def test_a_pending_trial_is_bad_beside_cut_ones() -> None:
    good, bad = split([np.inf, *[1.0] * 10], cut=dict.fromkeys(range(1, 11), 1))
    assert good.numbers.tolist() == [1]
    assert 0 in bad.numbers
