"""Which kinds a study may hold together: what is refused, where, and what it says instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from throwaway_kinds import ALL, catalog_with

from regtune.dataset import DatasetFacts
from regtune.errors import FieldError, InvalidStudy
from regtune.study import StudyDefinition, parse_study

PRESETS = {"mixed": tuple({"kind": name, "gate": "search"} for name in ("shake", "skip", "soften", "mix", "paste"))}
CATALOG = catalog_with(*ALL, presets=PRESETS)

Read = Callable[..., StudyDefinition]
Refuse = Callable[..., list[FieldError]]


@pytest.fixture
def read(datasets: Mapping[str, DatasetFacts]) -> Read:
    """The definition of a study of these regularizers, by the catalogue above."""

    def parsed(*regularizers: Mapping[str, object], **written: object) -> StudyDefinition:
        document = {"dataset": "digits", "regularizers": list(regularizers), **written}
        return parse_study(document, CATALOG, datasets.get, lambda: list(datasets)).definition

    return parsed


@pytest.fixture
def refuse(read: Read) -> Refuse:
    """The errors of a study that must be refused."""

    def errors(*regularizers: Mapping[str, object], **written: object) -> list[FieldError]:
        with pytest.raises(InvalidStudy) as caught:
            read(*regularizers, **written)
        return list(caught.value.errors)

    return errors


def use(kind: str, gate: str = "on") -> dict[str, object]:
    return {"kind": kind, "gate": gate}


def test_a_kind_that_is_not_meant_for_the_task_is_refused(refuse: Refuse) -> None:
    (error,) = refuse(use("soften"), dataset="diabetes")
    assert (error.pointer, error.code) == ("/regularizers/0/kind", "not_for_regression")
    assert error.message == "soften is meant for classification only, and the task of diabetes is regression"


@pytest.mark.parametrize("gates", [("on", "on"), ("on", "search"), ("search", "on")])
def test_kinds_that_conflict_are_refused_where_a_trial_could_use_both(refuse: Refuse, gates: tuple[str, str]) -> None:
    (error,) = refuse(use("paste", gates[0]), use("mix", gates[1]))
    assert (error.pointer, error.code) == ("/regularizers/1/kind", "conflict")
    assert 'make both gates "search"' in error.message


@pytest.mark.parametrize("gates", [("search", "search"), ("on", "off"), ("off", "search")])
def test_kinds_that_conflict_are_allowed_where_no_trial_uses_both(read: Read, gates: tuple[str, str]) -> None:
    assert len(read(use("paste", gates[0]), use("mix", gates[1])).regularizers) == 2


def test_a_place_that_nothing_gives_is_refused_with_the_kind_that_would_give_it(refuse: Refuse) -> None:
    (error,) = refuse(use("shake"))
    assert (error.pointer, error.code) == ("/regularizers/0/kind", "no_place")
    assert error.message == 'shake acts at "span", which mlp has not; skip gives it'


def test_a_kind_that_is_off_gives_no_place(refuse: Refuse) -> None:
    (error,) = refuse(use("shake"), use("skip", "off"))
    assert error.code == "no_place"
    assert error.message.endswith("; skip would give it, and is off")


def test_a_network_that_lacks_a_place_is_named_beside_those_that_have_it(refuse: Refuse) -> None:
    (error,) = refuse(use("skip"), model={"kind": "convnet"})
    assert error.message == 'skip acts at "girder", which convnet has not; the networks that have it are mlp'


def test_a_network_that_is_wrong_itself_is_not_blamed_for_its_places(refuse: Refuse) -> None:
    (error,) = refuse(use("shake"), model={"kind": "mlpp"})
    assert error.pointer == "/model/kind"


@pytest.mark.parametrize("gate", ["on", "search"])
@pytest.mark.parametrize("giver_first", [True, False])
def test_a_kind_that_is_always_on_gives_its_place_wherever_it_stands(read: Read, gate: str, giver_first: bool) -> None:
    uses = [use("skip"), use("shake", gate)]
    assert len(read(*(uses if giver_first else uses[::-1])).regularizers) == 2


def test_what_hangs_on_a_searched_kind_cannot_be_always_on(refuse: Refuse) -> None:
    (error,) = refuse(use("shake"), use("skip", "search"))
    assert (error.pointer, error.code) == ("/regularizers/0/gate", "must_be_searched")
    assert error.message.endswith('make the gate of shake "search" too, or that of skip "on"')


def test_a_kind_that_is_off_needs_no_place(read: Read) -> None:
    assert len(read(use("shake", "off")).regularizers) == 1


@pytest.mark.parametrize(
    ("dataset", "model", "expected"),
    [
        ("digits", "mlp", ["shake", "skip", "soften", "mix", "paste"]),
        ("digits", "convnet", ["soften", "mix", "paste"]),
        ("diabetes", "mlp", ["shake", "skip", "mix", "paste"]),
    ],
)
def test_a_preset_leaves_out_what_does_not_suit_task_or_network(
    read: Read, dataset: str, model: str, expected: list[str]
) -> None:
    written: dict[str, Any] = {"regularizers": "mixed", "dataset": dataset, "model": {"kind": model}}
    assert [each.kind for each in read(**written).regularizers] == expected
