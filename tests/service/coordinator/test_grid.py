"""The grid holds every combination once, and spreads a small budget over all of it."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from regtune.setting import Value
from regtune.space import Dimension, SearchSpace
from service.coordinator.draws import draw
from service.coordinator.suggest.grid import build

Settings = list[dict[str, Value]]


def whole_grid(*dimensions: Dimension, most: int = 10_000) -> Settings:
    sampler = build(SearchSpace(dimensions), seed=3)
    points: Settings = []
    while (point := sampler.suggest(2 + len(points), len(points))) is not None:
        points.append(dict(point))
        assert len(points) <= most
    return points


def test_a_real_gives_five_values_with_both_ends() -> None:
    values = sorted(float(point["x"]) for point in whole_grid(Dimension("x", "real", low=0.1, high=0.3)))
    assert [round(value, 12) for value in values] == [0.1, 0.15, 0.2, 0.25, 0.3]
    assert (values[0], values[-1]) == (0.1, 0.3)


def test_a_logarithmic_real_is_spaced_on_its_scale() -> None:
    values = sorted(float(point["x"]) for point in whole_grid(Dimension("x", "real", low=1e-5, high=1e-1, log=True)))
    assert [f"{value:.3g}" for value in values] == ["1e-05", "0.0001", "0.001", "0.01", "0.1"]


def test_integers_choices_and_flags_give_all_their_values() -> None:
    points = whole_grid(
        Dimension("model.depth", "integer", low=1, high=3),
        Dimension("norm", "choice", choices=("l1", "l2")),
        Dimension("flip.gate", "flag"),
    )
    got = sorted((point["model.depth"], point["norm"], point["flip.gate"]) for point in points)
    assert got == sorted(product((1, 2, 3), ("l1", "l2"), (False, True)))


def test_what_a_false_gate_holds_back_does_not_multiply() -> None:
    points = whole_grid(
        Dimension("a.gate", "flag"),
        Dimension("a.x", "integer", low=1, high=3, conditions={"a.gate": True}),
        Dimension("a.y", "integer", low=1, high=2, conditions={"a.gate": True}),
        Dimension("b.gate", "flag"),
        Dimension("b.x", "integer", low=1, high=4, conditions={"b.gate": True}),
    )
    assert len(points) == (1 + 3 * 2) * (1 + 4)
    assert points.count({"a.gate": False, "b.gate": False}) == 1


def test_a_grid_of_nothing_is_one_point() -> None:
    assert whole_grid() == [{}]


def test_a_program_is_held_for_32_trials_and_every_program_comes_before_the_first_returns() -> None:
    points = whole_grid(
        Dimension("model.width", "choice", choices=(16, 32, 64), per="program"),
        Dimension("x", "integer", low=1, high=40),
    )
    widths = [point["model.width"] for point in points]
    assert len(widths) == 120
    stretches = [set(widths[start : start + 32]) for start in (0, 32, 64)]
    assert all(len(stretch) == 1 for stretch in stretches)
    assert set().union(*stretches) == {16, 32, 64}


def test_the_first_combinations_are_spread_over_every_axis() -> None:
    axes = [Dimension(f"x{index}", "integer", low=0, high=9) for index in range(4)]
    sampler = build(SearchSpace(tuple(axes)), seed=0)
    points = [sampler.suggest(rank, rank) or {} for rank in range(100)]
    assert all(len({point[axis.name] for point in points}) >= 9 for axis in axes)


def test_a_grid_too_large_to_list_is_addressed_all_the_same() -> None:
    axes = [Dimension(f"x{index}", "integer", low=1, high=10_000) for index in range(20)]
    sampler = build(SearchSpace(tuple(axes)), seed=0)
    assert sampler.suggest(70_000, 70_000) is not None


@st.composite
def dimensions_behind_gates(draw: st.DrawFn) -> tuple[Dimension, ...]:
    """Up to four gates of lanes or programs that may hang on those before, each with up to two dimensions, and one."""
    pers = st.sampled_from(["lane", "program"])
    found = [Dimension("free", "integer", low=1, high=draw(st.integers(2, 3)), per=draw(pers))]
    gates: list[str] = []
    for index in range(draw(st.integers(0, 4))):
        gate = f"k{index}.gate"
        hangs_on = {other: draw(st.booleans()) for other in gates if draw(st.integers(0, 2)) == 0}
        found.append(Dimension(gate, "flag", per=draw(pers), conditions=hangs_on))
        gates.append(gate)
        for behind in range(draw(st.integers(0, 2 if index < 2 else 1))):
            name, conditions = f"k{index}.v{behind}", {gate: True}
            found.append(Dimension(name, "integer", low=1, high=2, per=draw(pers), conditions=conditions))
    return tuple(found)


def listed(dimensions: tuple[Dimension, ...]) -> set[tuple[tuple[str, Value], ...]]:
    """Every distinct point, by listing all combinations and leaving out what does not exist beside the gates."""
    values = [(False, True) if at.low is None else range(1, int(at.high or 0) + 1) for at in dimensions]
    points = set()
    for combination in product(*values):
        full = dict(zip((at.name for at in dimensions), combination, strict=True))
        points.add(tuple(draw(SearchSpace(dimensions), lambda at, full=full: full[at.name]).items()))
    return points


@settings(max_examples=100, deadline=None)
@given(dimensions_behind_gates())
def test_every_distinct_point_comes_exactly_once(dimensions: tuple[Dimension, ...]) -> None:
    points = [tuple(point.items()) for point in whole_grid(*dimensions)]
    assert len(points) == len(set(points))
    assert set(points) == listed(dimensions)
