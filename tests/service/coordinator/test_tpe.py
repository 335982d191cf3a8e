"""The estimator learns: it finds what is good, spreads its batches, and depends on the past alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import mean

import pytest

from regtune.space import Dimension, SearchSpace
from service.coordinator import suggest
from service.coordinator.parzen.groups import MOST_BAD
from service.coordinator.sampler import Censored, Lost, PastTrial, Pending, Point, Sampler, Scored

Loss = Callable[[Point], float]


def bowl(point: Point) -> float:
    """Lowest, at 0, where x = 0.3, y = 10⁻² and z = 10⁻⁴."""
    x, y, z = (float(point[name]) for name in ("x", "y", "z"))
    return (x - 0.3) ** 2 + ((math.log10(y) + 2) / 6) ** 2 + ((math.log10(z) + 4) / 6) ** 2


def searched(kind: str, space: SearchSpace, loss: Loss, seed: int, trials: int) -> list[Point]:
    """The points of a study whose trials end before the next is suggested."""
    sampler = suggest.build(kind, space, seed)
    points: list[Point] = []
    for number in range(trials):
        point = suggested(sampler, number)
        points.append(point)
        sampler.learn([PastTrial(number, True, point, Scored(loss(point)))])
    return points


def suggested(sampler: Sampler, number: int) -> Point:
    point = sampler.suggest(number, number)
    assert point is not None
    return point


def drawn_past(space: SearchSpace, loss: Loss, trials: int) -> list[PastTrial]:
    """Trials at random points, all of them ended."""
    points = [suggested(suggest.build("random", space, seed=1), number) for number in range(trials)]
    return [PastTrial(number, True, point, Scored(loss(point))) for number, point in enumerate(points)]


def told(space: SearchSpace, past: Sequence[PastTrial], step: int) -> Sampler:
    """A sampler that learned the past `step` trials at a time."""
    sampler = suggest.build("tpe", space, seed=3)
    for start in range(0, len(past), step):
        sampler.learn(past[start : start + step])
    return sampler


def test_it_beats_random_draws_on_a_bowl(bowl_space: SearchSpace) -> None:
    learned, drawn = (
        mean(math.log(min(map(bowl, searched(kind, bowl_space, bowl, seed, trials=60)))) for seed in range(12))
        for kind in ("tpe", "random")
    )
    assert learned < drawn - math.log(4)


def test_late_suggestions_gather_at_the_optimum(bowl_space: SearchSpace) -> None:
    losses = [bowl(point) for point in searched("tpe", bowl_space, bowl, seed=0, trials=80)]
    assert mean(losses[-20:]) < mean(losses[:20]) / 4


def test_it_learns_from_a_search_of_which_most_trials_are_cut(bowl_space: SearchSpace) -> None:
    sampler = suggest.build("tpe", bowl_space, seed=0)
    losses: list[float] = []
    for number in range(80):
        point = suggested(sampler, number)
        ahead = sum(loss < bowl(point) for loss in losses) / (number + 1)
        # Cut at epoch 1 or 4, at losses of which those of epoch 1 look the better.
        cut = Censored(1, bowl(point) / 10) if ahead > 1 / 4 else Censored(4, bowl(point))
        sampler.learn([PastTrial(number, True, point, Scored(bowl(point)) if ahead < 1 / 16 else cut)])
        losses.append(bowl(point))
    assert mean(losses[-20:]) < mean(losses[:20]) / 4


def test_pending_trials_keep_a_batch_from_gathering_in_one_place(bowl_space: SearchSpace) -> None:
    sampler = told(bowl_space, drawn_past(bowl_space, bowl, 40), step=40)
    batch = [suggested(sampler, number) for number in range(40, 50)]
    assert len({round(float(point["x"]), 3) for point in batch}) == 10


def test_pending_trials_push_the_next_ones_away() -> None:
    space = SearchSpace((Dimension("x", "real", low=0.0, high=1.0),))
    past = drawn_past(space, lambda point: abs(float(point["x"]) - 0.5), 60)

    def near(liars: int) -> int:
        sampler = told(space, past, step=60)
        sampler.learn([PastTrial(number, True, {"x": 0.5}, Pending()) for number in range(60, 60 + liars)])
        return sum(abs(float(suggested(sampler, number)["x"]) - 0.5) < 0.02 for number in range(100, 120))

    assert near(liars=40) < near(liars=0) / 2


def test_pending_suggestions_are_a_quarter_of_what_was_learned_from(bowl_space: SearchSpace) -> None:
    sampler = suggest.build("tpe", bowl_space, seed=0)
    assert [sampler.pending_limit(scored) for scored in (0, 40, 44, 400)] == [10, 10, 11, 100]


@pytest.mark.parametrize("trials", [60, 2 * MOST_BAD])
def test_what_is_told_at_once_or_bit_by_bit_gives_the_same_suggestions(mixed_space: SearchSpace, trials: int) -> None:
    past = drawn_past(mixed_space, lambda point: float(str(point["dropout.rate"])), trials)
    at_once, by_sevens = told(mixed_space, past, trials), told(mixed_space, past, 7)
    numbers = range(trials, trials + 12)
    assert [suggested(at_once, number) for number in numbers] == [suggested(by_sevens, number) for number in numbers]


def test_a_lost_trial_leaves_no_trace(mixed_space: SearchSpace) -> None:
    past = drawn_past(mixed_space, lambda point: float(str(point["dropout.rate"])), 40)
    spared = PastTrial(40, sampled=False, point=past[0].point, outcome=Lost())
    waiting = PastTrial(40, sampled=False, point=past[0].point, outcome=Pending())
    without, told_lost, told_twice = (told(mixed_space, past, 40) for _ in range(3))
    told_lost.learn([spared])
    told_twice.learn([waiting])
    told_twice.learn([spared])
    assert suggested(without, 41) == suggested(told_lost, 41) == suggested(told_twice, 41)


def test_a_gate_that_does_harm_is_left_off_and_one_that_helps_is_left_on() -> None:
    space = SearchSpace(
        (
            Dimension("good.gate", "flag"),
            Dimension("good.strength", "real", low=1e-6, high=1.0, log=True, conditions={"good.gate": True}),
            Dimension("bad.gate", "flag"),
            Dimension("bad.strength", "real", low=1e-6, high=1.0, log=True, conditions={"bad.gate": True}),
        )
    )

    def loss(point: Point) -> float:
        near = abs(math.log10(float(point["good.strength"])) + 3) / 6 if point["good.gate"] else 1.0
        return near + float(point["bad.gate"])

    late = searched("tpe", space, loss, seed=0, trials=80)[-20:]
    assert sum(point["good.gate"] is True for point in late) >= 15
    assert sum(point["bad.gate"] is False for point in late) >= 15


@pytest.mark.parametrize("good", [0, 1, 2])
def test_of_gates_that_exclude_one_another_the_one_that_helps_is_found_wherever_it_stands(good: int) -> None:
    names = ("first.gate", "second.gate", "third.gate")
    gates = [
        Dimension(name, "flag", conditions=dict.fromkeys(names[:index], False), chance=1 / (4 - index))
        for index, name in enumerate(names)
    ]
    space = SearchSpace((Dimension("x", "real", low=0.0, high=1.0), *gates))

    def loss(point: Point) -> float:
        return float(point["x"]) / 2 + (0.0 if point.get(names[good]) else 1.0)

    late = searched("tpe", space, loss, seed=0, trials=80)[-20:]
    # Drawn at random, it would be 5.
    assert sum(point.get(names[good]) is True for point in late) >= 12


def test_lanes_are_drawn_as_goes_with_the_program_of_their_block() -> None:
    space = SearchSpace(
        (
            Dimension("width", "choice", choices=(1, 2), per="program"),
            Dimension("rate", "real", low=0.0, high=1.0),
        )
    )

    def loss(point: Point) -> float:
        return abs(float(point["rate"]) - (0.1 if point["width"] == 1 else 0.9))

    sampler = told(space, drawn_past(space, loss, 320), step=320)
    for start in (320, 352, 384, 416):
        points = [suggested(sampler, number) for number in range(start, start + 32)]
        assert mean(loss(point) for point in points) < 0.2


def test_a_batch_spreads_out_late_in_a_long_study_too() -> None:
    space = SearchSpace((Dimension("x", "real", low=0.0, high=1.0), Dimension("y", "real", low=0.0, high=1.0)))
    past = drawn_past(space, lambda point: abs(float(point["x"]) - 0.5) + abs(float(point["y"]) - 0.5), 4000)
    sampler = told(space, past, step=4000)
    batch = [suggested(sampler, number) for number in range(4000, 4040)]
    assert len({(round(50 * float(point["x"])), round(50 * float(point["y"]))) for point in batch}) >= 20
