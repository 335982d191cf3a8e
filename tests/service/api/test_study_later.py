"""What the contract has and a later version brings: refused by name, and no key of a study is ever passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest
from answers import message_of
from contract_study import DEFAULTS
from fastapi.testclient import TestClient

Path = tuple[str | int, ...]
Refused = Callable[[Mapping[str, Any]], list[tuple[str, str]]]

WHOLE: dict[str, Any] = {
    **DEFAULTS,
    "name": "breast_cancer cocktail",
    "labels": {"team": "a"},
    "dataset": "breast_cancer",
    "regularizers": [
        {"kind": "l1", "strength": {"low": 1e-7, "high": 1e-2, "log": True}, "gate": "search"},
        {"kind": "dropout", "rate": {"low": 0.0, "high": 0.8}},
        {"kind": "batch_norm", "gate": "search"},
        {"kind": "early_stopping", "patience": 10, "rule": "no_improvement"},
    ],
}
"""The contract's study in full, on bundled data and with what is not available yet switched off."""

RATE = "/regularizers/0/rate"
LATER: list[tuple[dict[str, Any], str]] = [
    ({"runner": "external"}, "/runner"),
    ({"parameters": {"x": {"low": 0, "high": 1}}}, "/parameters"),
    ({"lease_seconds": 900}, "/lease_seconds"),
    *(
        ({"regularizers": [{"kind": "dropout", "rate": {"schedule": shape, "start": 0.1, "end": 0.5}}]}, RATE)
        for shape in ("linear", "cosine", "warmup")
    ),
    ({"training": {"epochs": {"schedule": "linear", "start": 1, "end": 5}}}, "/training/epochs"),
    ({"objectives": [{"metric": "accuracy"}, {"metric": "auroc"}]}, "/objectives"),
    *(({"objective": {"metric": name}}, "/objective/metric") for name in ("gap_accuracy", "sparsity", "parameters")),
    ({"constraints": [{"metric": "parameters", "high": 1e5}]}, "/constraints"),
    *(({"split": {"kind": kind, "folds": 5, "repeats": 2}}, "/split/kind") for kind in ("kfold", "group", "time")),
    *(({"sampler": {"kind": kind}}, "/sampler/kind") for kind in ("gp", "cmaes", "nsga2")),
    *(
        ({"pruner": {"kind": kind, "spare_improving": True}}, "/pruner/kind")
        for kind in ("hyperband", "percentile", "wilcoxon", "threshold")
    ),
    ({"budget": {"cost": 12.5}}, "/budget/cost"),
    ({"stagnation": {"trials": 50}}, "/stagnation"),
    ({"confirm": {"top": 3, "seeds": 10}}, "/confirm"),
    ({"warm_start": ["01J00000000000000000000000"]}, "/warm_start"),
    ({"resources": {"precision": "float16"}}, "/resources/precision"),
]


@pytest.mark.parametrize(("written", "pointer"), LATER, ids=[f"{at} {index}" for index, (_, at) in enumerate(LATER)])
def test_what_a_later_version_brings_is_refused_by_name(
    client: TestClient, refused: Refused, written: dict[str, Any], pointer: str
) -> None:
    study = {"dataset": "wine", **written}
    ((place, code),) = refused(study)
    assert place.startswith(pointer)
    assert code == "not_available"
    assert "not available yet" in message_of(client.post("/api/v1/studies", json=study))


def test_the_whole_study_of_the_contract_is_taken(client: TestClient) -> None:
    assert client.post("/api/v1/studies", json=WHOLE).status_code == 201


def members(part: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every member of a document with the path to it, objects and lists themselves included."""
    if path:
        yield path, part
    if isinstance(part, dict | list):
        for key, value in part.items() if isinstance(part, dict) else enumerate(part):
            yield from members(value, (*path, key))


def at(path: Path) -> str:
    return "".join(f"/{part}" for part in path)


def changed(path: Path, value: object) -> dict[str, Any]:
    """The whole study with another value at a path."""
    study = deepcopy(WHOLE)
    part: Any = study
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    return study


MEMBERS = [path for path, _ in members(WHOLE)]
FLAGS = [path for path, part in members(WHOLE) if isinstance(part, bool)]
OBJECTS = [(), *(path for path, part in members(WHOLE) if isinstance(part, dict) and path != ("labels",))]


def test_no_member_takes_a_value_that_means_nothing(refused: Refused) -> None:
    for path in MEMBERS:
        (place, _), *_ = refused(changed(path, {"nobody": ["knows this"]}))
        assert place.startswith(at(path))


def test_no_member_but_a_flag_takes_true(refused: Refused) -> None:
    for path in (path for path in MEMBERS if path not in FLAGS):
        (place, _), *_ = refused(changed(path, True))
        assert place == at(path)


def test_no_object_takes_a_key_that_means_nothing(refused: Refused) -> None:
    for path in OBJECTS:
        assert refused(changed((*path, "unheard_of"), 1)) == [(f"{at(path)}/unheard_of", "unknown_key")]
