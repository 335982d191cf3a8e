"""The Sobol sequence is addressed by index, and covers the space more evenly than independent draws."""

from __future__ import annotations

from regtune.space import Dimension, SearchSpace
from service.coordinator import suggest
from service.coordinator.suggest.qmc import SobolSequence


def test_a_point_does_not_depend_on_those_asked_for_before_it() -> None:
    in_order, jumping = (SobolSequence(["x", "y"], seed=3) for _ in range(2))
    points = [in_order.at(index) for index in range(200)]
    assert [jumping.at(index) for index in (150, 0, 199, 1, 0)] == [points[index] for index in (150, 0, 199, 1, 0)]


def test_every_sixteenth_of_an_axis_gets_one_of_sixteen_points() -> None:
    space = SearchSpace(tuple(Dimension(name, "real", low=0.0, high=1.0) for name in "abcde"))
    sampler = suggest.build("qmc", space, seed=0)
    points = [sampler.suggest(2 + rank, rank) or {} for rank in range(16)]
    for name in "abcde":
        assert sorted(int(16 * float(point[name])) for point in points) == list(range(16))


def test_trials_that_others_enqueued_leave_no_holes() -> None:
    space = SearchSpace((Dimension("x", "real", low=0.0, high=1.0),))
    sampler = suggest.build("qmc", space, seed=0)
    assert sampler.suggest(9, 4) == sampler.suggest(6, 4)


def test_a_sequence_without_coordinates_gives_empty_points() -> None:
    assert SobolSequence([], seed=0).at(5) == {}
