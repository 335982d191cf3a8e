"""Gates: what each hangs on, how likely it is, and what baselines and programs make of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product

import pytest
from throwaway_kinds import ALL, catalog_with

from regtune.dataset import DatasetFacts
from regtune.setting import Value
from regtune.space import (
    Dimension,
    default_setting,
    kinds_in_use,
    plain_setting,
    program_digest,
    program_of,
    setting_of,
    space_of,
)
from regtune.study import StudyDefinition, parse_study

CATALOG = catalog_with(*ALL)

Searching = Callable[..., StudyDefinition]


@pytest.fixture
def searching(datasets: Mapping[str, DatasetFacts]) -> Searching:
    """The definition of a study that searches the gates of these kinds, their rates being fixed."""

    def parsed(*kinds: str, **gates: str) -> StudyDefinition:
        uses = [{"kind": kind, "rate": 0.1, "gate": gates.get(kind, "search")} for kind in kinds]
        document = {"dataset": "digits", "regularizers": uses}
        return parse_study(document, CATALOG, datasets.get, lambda: list(datasets)).definition

    return parsed


def gates(definition: StudyDefinition) -> list[Dimension]:
    return list(space_of(definition, CATALOG))


def test_a_kind_is_tried_only_where_its_place_is_given_and_its_gate_comes_after(searching: Searching) -> None:
    assert gates(searching("shake", "skip")) == [
        Dimension("skip.gate", "flag", per="program"),
        Dimension("shake.gate", "flag", conditions={"skip.gate": True}),
    ]


def test_a_kind_that_is_always_on_leaves_what_it_gives_a_place_free(searching: Searching) -> None:
    assert gates(searching("shake", "skip", skip="on")) == [Dimension("shake.gate", "flag")]


def test_each_of_the_kinds_that_conflict_hangs_on_those_before_it(searching: Searching) -> None:
    assert gates(searching("cut", "mix", "paste")) == [
        Dimension("cut.gate", "flag", chance=1 / 4),
        Dimension("mix.gate", "flag", conditions={"cut.gate": False}, chance=1 / 3),
        Dimension("paste.gate", "flag", conditions={"cut.gate": False, "mix.gate": False}),
    ]


def test_every_one_of_the_kinds_that_conflict_and_none_has_the_same_chance(searching: Searching) -> None:
    space = gates(searching("mix", "twice", "cut", "paste"))
    chances: dict[tuple[str, ...], float] = {}
    for drawn in product([False, True], repeat=len(space)):
        chance, point = 1.0, {}
        for gate, value in zip(space, drawn, strict=True):
            if gate.exists(point):
                of_true = 0.5 if gate.chance is None else gate.chance
                chance *= of_true if value else 1 - of_true
                point[gate.name] = value
            elif value:
                chance = 0.0
        on = tuple(name for name, value in point.items() if value and name != "twice.gate")
        chances[on] = chances.get(on, 0.0) + chance
    found = {on: chance for on, chance in chances.items() if chance > 0}
    assert found == {on: pytest.approx(1 / 4) for on in [(), ("mix.gate",), ("cut.gate",), ("paste.gate",)]}


def test_what_belongs_to_a_kind_hangs_on_its_own_gate_alone(datasets: Mapping[str, DatasetFacts]) -> None:
    uses = [{"kind": kind, "gate": "search"} for kind in ("mix", "paste")]
    document = {"dataset": "digits", "regularizers": uses}
    space = space_of(parse_study(document, CATALOG, datasets.get, lambda: list(datasets)).definition, CATALOG)
    conditions = {at.name: at.conditions for at in space}
    assert conditions["paste.rate"] == {"paste.gate": True}


def test_a_gate_that_could_not_be_drawn_is_false_in_the_setting(searching: Searching) -> None:
    definition = searching("skip", "shake", "mix", "paste")
    point = {"skip.gate": False, "mix.gate": True}
    assert setting_of(definition, point) == {
        "skip.gate": False,
        "shake.gate": False,
        "mix.gate": True,
        "mix.rate": 0.1,
        "paste.gate": False,
    }


def test_trial_1_uses_the_first_of_the_kinds_that_conflict(searching: Searching) -> None:
    definition = searching("shake", "paste", "skip", "mix", "cut")
    assert set(kinds_in_use(default_setting(definition, CATALOG))) == {"shake", "paste", "skip"}


def test_trial_0_uses_none(searching: Searching) -> None:
    assert kinds_in_use(plain_setting(searching("shake", "paste", "skip", "mix"), CATALOG)) == ()


@pytest.mark.parametrize(("twice", "kinds"), [(True, ["mix", "twice"]), (False, ["mix"])])
def test_a_program_names_a_kind_whose_gate_is_the_program_s_only_where_it_is_used(
    searching: Searching, twice: bool, kinds: list[str]
) -> None:
    definition = searching("twice", "mix")
    program = program_of(definition, setting_of(definition, {"twice.gate": twice, "mix.gate": False}))
    assert program["kinds"] == kinds
    assert "twice.gate" not in program["values"]


def test_gates_of_programs_tell_programs_apart_and_gates_of_lanes_do_not(searching: Searching) -> None:
    definition = searching("twice", "mix")
    points: list[dict[str, Value]] = [
        {"twice.gate": twice, "mix.gate": mix} for twice in (True, False) for mix in (True, False)
    ]
    digests = [program_digest(definition, setting_of(definition, point)) for point in points]
    assert digests[0] == digests[1] != digests[2] == digests[3]


def test_a_kind_that_is_always_on_is_in_every_program_but_that_of_trial_0(searching: Searching) -> None:
    definition = searching("twice", "mix", twice="on")
    plain, default = plain_setting(definition, CATALOG), default_setting(definition, CATALOG)
    assert program_of(definition, plain)["kinds"] == ["mix"]
    assert program_of(definition, default)["kinds"] == ["mix", "twice"]
