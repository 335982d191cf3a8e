"""What holds for every sampler: points lie in the space, and depend on seed, number and past alone."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regtune.setting import Value
from regtune.space import Dimension, SearchSpace
from service.coordinator import suggest
from service.coordinator.draws import PROGRAM_BLOCK_TRIALS
from service.coordinator.history import point_of
from service.coordinator.sampler import Lost, PastTrial, Pending, Point, Sampler, Scored

KINDS = suggest.kinds()
LEARNING = ("optuna_tpe", "tpe")
FIRST = 2  # the baselines hold 0 and 1


def loss_of(point: Point) -> float:
    """Any number that depends on a point."""
    return sum(len(str(value)) for value in point.values()) + float(str(point["dropout.rate"]))


def run_study(sampler: Sampler, batches: Sequence[int]) -> list[Point]:
    """The points of a study whose trials end as soon as the batch they belong to is suggested."""
    points: list[Point] = []
    for size in batches:
        first = len(points)
        for rank in range(first, first + size):
            point = sampler.suggest(FIRST + rank, rank)
            assert point is not None
            points.append(point)
        sampler.learn([scored(rank, points[rank]) for rank in range(first, first + size)])
    return points


def scored(rank: int, point: Point) -> PastTrial:
    return PastTrial(FIRST + rank, sampled=True, point=point, outcome=Scored(loss_of(point)))


def test_there_are_five_kinds() -> None:
    assert KINDS == ("grid", "optuna_tpe", "qmc", "random", "tpe")


def test_an_unknown_kind_names_those_there_are(mixed_space: SearchSpace) -> None:
    with pytest.raises(KeyError, match="grid, optuna_tpe, qmc, random, tpe"):
        suggest.build("gp", mixed_space, seed=0)


@pytest.mark.parametrize("kind", KINDS)
def test_every_point_lies_in_the_space(kind: str, space: SearchSpace) -> None:
    for point in run_study(suggest.build(kind, space, seed=0), [10] * 6):
        assert point_of(space, point) == point


@pytest.mark.parametrize("kind", KINDS)
def test_values_have_the_type_of_their_dimension(kind: str, space: SearchSpace) -> None:
    types = {"real": float, "integer": int, "flag": bool}
    for point in run_study(suggest.build(kind, space, seed=0), [10] * 3):
        for at in space.dimensions:
            assert at.name not in point or at.type == "choice" or type(point[at.name]) is types[at.type]


@pytest.mark.parametrize("kind", KINDS)
def test_a_false_gate_leaves_out_what_it_gates(kind: str, mixed_space: SearchSpace) -> None:
    points = run_study(suggest.build(kind, mixed_space, seed=0), [10] * 4)
    assert {bool(point["l1.gate"]) for point in points} == {False, True}
    assert all(("l1.strength" in point) is point["l1.gate"] for point in points)
    assert all(("crop.padding" in point) is point["crop.gate"] for point in points)


@pytest.mark.parametrize("kind", KINDS)
def test_a_gate_is_drawn_only_beside_those_that_it_hangs_on(kind: str, forked_space: SearchSpace) -> None:
    points = run_study(suggest.build(kind, forked_space, seed=0), [10] * 8)
    assert {bool(point["skip.gate"]) for point in points} == {False, True}
    for point in points:
        assert ("shake.gate" in point) is point["skip.gate"]
        assert ("drop_path.gate" in point) is (point["skip.gate"] and not point["shake.gate"])
        assert ("cutmix.gate" in point) is not point["mixup.gate"]
        assert ("fgsm.gate" in point) is not (point["mixup.gate"] or point["cutmix.gate"])


@pytest.mark.parametrize("kind", ["random", "qmc"])
def test_of_gates_that_exclude_one_another_each_comes_as_often_as_none(kind: str) -> None:
    chances = (1 / 4, 1 / 3, None)
    names = ("first.gate", "second.gate", "third.gate")
    exclusive = [
        Dimension(name, "flag", conditions=dict.fromkeys(names[:index], False), chance=chance)
        for index, (name, chance) in enumerate(zip(names, chances, strict=True))
    ]
    sampler = suggest.build(kind, SearchSpace(tuple(exclusive)), seed=0)
    points = [sampler.suggest(number, number) or {} for number in range(2000)]
    counts = [sum(point.get(name) is True for point in points) for name in names]
    assert all(440 < count < 560 for count in (*counts, 2000 - sum(counts)))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_study_gives_the_same_points(kind: str, space: SearchSpace) -> None:
    first, again = (run_study(suggest.build(kind, space, seed=5), [10] * 4) for _ in range(2))
    assert first == again


@pytest.mark.parametrize("kind", KINDS)
def test_another_seed_gives_other_points(kind: str, space: SearchSpace) -> None:
    first, other = (run_study(suggest.build(kind, space, seed=seed), [10] * 4) for seed in (5, 6))
    assert first != other


@pytest.mark.parametrize("kind", KINDS)
def test_a_restart_between_batches_changes_nothing(kind: str, space: SearchSpace) -> None:
    points = run_study(suggest.build(kind, space, seed=5), [10] * 6)
    for done in (10, 30, 50):
        restarted = suggest.build(kind, space, seed=5)
        restarted.learn([scored(rank, point) for rank, point in enumerate(points[:done])])
        assert [restarted.suggest(FIRST + rank, rank) for rank in range(done, done + 10)] == points[done : done + 10]


@pytest.mark.parametrize("kind", KINDS)
def test_a_restart_within_a_batch_changes_nothing(kind: str, space: SearchSpace) -> None:
    points = run_study(suggest.build(kind, space, seed=5), [20, 5, 15])
    restarted = suggest.build(kind, space, seed=5)
    past = [scored(rank, point) for rank, point in enumerate(points[:25])]
    past += [PastTrial(FIRST + rank, True, points[rank], Pending()) for rank in range(25, 33)]
    restarted.learn(past)
    assert [restarted.suggest(FIRST + rank, rank) for rank in range(33, 40)] == points[33:]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in LEARNING])
def test_a_sampler_that_does_not_learn_gives_the_same_points_whatever_the_batches(
    kind: str, space: SearchSpace
) -> None:
    one_by_one = run_study(suggest.build(kind, space, seed=5), [1] * 70)
    at_once = run_study(suggest.build(kind, space, seed=5), [70])
    backwards = suggest.build(kind, space, seed=5)
    assert one_by_one == at_once == [backwards.suggest(FIRST + rank, rank) for rank in reversed(range(70))][::-1]


@pytest.mark.parametrize("kind", KINDS)
def test_trials_that_were_lost_or_lie_outside_the_space_do_no_harm(kind: str, space: SearchSpace) -> None:
    sampler = suggest.build(kind, space, seed=5)
    points = run_study(sampler, [10] * 3)
    pending = sampler.suggest(FIRST + 30, 30)
    sampler.learn(
        [
            PastTrial(0, sampled=False, point=None, outcome=Scored(0.5)),
            PastTrial(1, sampled=False, point=points[0], outcome=Lost()),
            PastTrial(FIRST + 30, sampled=True, point=pending, outcome=Lost()),
        ]
    )
    assert sampler.suggest(FIRST + 31, 31) is not None


@pytest.mark.parametrize("kind", ["random", "qmc", *LEARNING])
def test_a_block_of_numbers_shares_its_program_part(kind: str, space: SearchSpace) -> None:
    program = [at.name for at in space.dimensions if at.per == "program"]
    points = run_study(suggest.build(kind, space, seed=0), [10] * 10)
    blocks: dict[int, dict[str, set[Value]]] = {}
    for rank, point in enumerate(points):
        for name in program:
            if name in point:
                blocks.setdefault((FIRST + rank) // PROGRAM_BLOCK_TRIALS, {}).setdefault(name, set()).add(point[name])
    assert len(blocks) == 4
    assert all(len(values) == 1 for block in blocks.values() for values in block.values())
    assert len({tuple(block["training.batch_size"]) for block in blocks.values()}) > 1


@pytest.mark.parametrize("kind", ["random", "qmc", *LEARNING])
def test_a_study_that_searches_nothing_repeats_its_one_setting(kind: str) -> None:
    sampler = suggest.build(kind, SearchSpace(()), seed=0)
    assert [sampler.suggest(number, number) for number in range(40)] == [{}] * 40


@st.composite
def spaces(draw: st.DrawFn) -> SearchSpace:
    """Two to five dimensions of any type and extent, about half of them behind a gate, and that behind some others."""
    dimensions: list[Dimension] = []
    for index in range(draw(st.integers(2, 5))):
        per = draw(st.sampled_from(["lane", "program"]))
        conditions: dict[str, bool] = {}
        if draw(st.booleans()):
            gates = [at.name for at in dimensions if at.type == "flag"]
            hangs_on = {gate: draw(st.booleans()) for gate in gates if draw(st.booleans())}
            chance = draw(st.none() | st.floats(0.2, 0.8))
            conditions = {f"k{index}.gate": True}
            dimensions.append(Dimension(*conditions, "flag", per=per, conditions=hangs_on, chance=chance))
            per = draw(st.sampled_from(["lane", "program"]))
        name = f"k{index}.value"
        match draw(st.sampled_from(["real", "integer", "choice"])):
            case "real":
                low, high = sorted(draw(st.tuples(*[st.floats(1e-9, 1e4)] * 2).filter(lambda ends: ends[0] != ends[1])))
                dimensions.append(
                    Dimension(name, "real", low=low, high=high, log=draw(st.booleans()), per=per, conditions=conditions)
                )
            case "integer":
                low = draw(st.integers(1, 1000))
                high = low + draw(st.integers(1, 1000))
                dimensions.append(
                    Dimension(
                        name, "integer", low=low, high=high, log=draw(st.booleans()), per=per, conditions=conditions
                    )
                )
            case _:
                choices = tuple(draw(st.lists(st.floats(0, 1), min_size=1, max_size=4, unique=True)))
                dimensions.append(Dimension(name, "choice", choices=choices, per=per, conditions=conditions))
    return SearchSpace(tuple(dimensions))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None)
@given(spaces(), st.integers(0, 2**63 - 1))
def test_any_space_is_kept_to(kind: str, space: SearchSpace, seed: int) -> None:
    sampler = suggest.build(kind, space, seed)
    for rank in range(30):
        point = sampler.suggest(FIRST + rank, rank)
        if point is None:
            assert kind == "grid"
            return
        assert point_of(space, point) == point
        sampler.learn([PastTrial(FIRST + rank, True, point, Scored(float(rank % 7)))])
