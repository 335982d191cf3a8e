"""What a later version brings: refused by name, never accepted and ignored."""

from __future__ import annotations

from typing import Any

import pytest

LATER: list[tuple[dict[str, Any], str]] = [
    *(({"sampler": {"kind": kind}}, "/sampler/kind") for kind in ("gp", "cmaes", "nsga2")),
    *(({"pruner": {"kind": kind}}, "/pruner/kind") for kind in ("hyperband", "percentile", "wilcoxon", "threshold")),
    ({"pruner": {"kind": "hyperband", "spare_improving": False}}, "/pruner/kind"),
    *(({"split": {"kind": kind}}, "/split/kind") for kind in ("kfold", "group", "time")),
    ({"split": {"kind": "kfold", "folds": 5, "repeats": 2}}, "/split/kind"),
    ({"runner": "external"}, "/runner"),
    ({"parameters": {}}, "/parameters"),
    ({"lease_seconds": 900}, "/lease_seconds"),
    (
        {"regularizers": [{"kind": "dropout", "rate": {"schedule": "linear", "start": 0.0, "end": 0.5}}]},
        "/regularizers/0/rate/schedule",
    ),
    (
        {"training": {"optimizer": {"kind": "sgd", "learning_rate": {"schedule": "warmup"}}}},
        "/training/optimizer/learning_rate/schedule",
    ),
    ({"constraints": [{"metric": "gap_accuracy", "at_most": 0.1}]}, "/constraints"),
    ({"objectives": [{"metric": "accuracy"}, {"metric": "log_loss"}]}, "/objectives"),
    ({"confirm": {"top": 3, "seeds": 10}}, "/confirm"),
    ({"warm_start": ["01J"]}, "/warm_start"),
    ({"stagnation": {"trials": 30}}, "/stagnation"),
    ({"budget": {"cost": 3}}, "/budget/cost"),
    *(({"resources": {"precision": precision}}, "/resources/precision") for precision in ("float16", "float64")),
    *(
        ({"objective": {"metric": metric}}, "/objective/metric")
        for metric in ("gap_accuracy", "sparsity", "parameters")
    ),
]


@pytest.mark.parametrize(("written", "pointer"), LATER, ids=[f"{at} {index}" for index, (_, at) in enumerate(LATER)])
def test_what_a_later_version_brings_is_refused_by_name(refused: Any, written: dict[str, Any], pointer: str) -> None:
    errors = refused({"dataset": "digits", **written})
    assert [(error.pointer, error.code) for error in errors] == [(pointer, "not_available")]


def test_an_external_study_is_not_asked_for_data(refused: Any) -> None:
    (error,) = refused({"runner": "external"})
    assert (error.pointer, error.code) == ("/runner", "not_available")
