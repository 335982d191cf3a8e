"""Studies that cannot be run: every error points at its field, says what was got and what is allowed."""

from __future__ import annotations

import math
from typing import Any

import pytest

from regtune.errors import FieldError, InvalidStudy
from regtune.study.reading import MOST_ERRORS

NAN = math.nan


def one(kind: str, **knobs: object) -> dict[str, object]:
    return {"regularizers": [{"kind": kind, **knobs}]}


CASES: list[tuple[dict[str, Any], str, str]] = [
    # Keys and names that do not exist.
    ({"regularisers": []}, "/regularisers", "unknown_key"),
    ({"a/b~c": 1}, "/a~1b~0c", "unknown_key"),
    ({"model": {"kind": "mlp", "hidden": 3}}, "/model/hidden", "unknown_key"),
    ({"training": {"lr": 1}}, "/training/lr", "unknown_key"),
    (
        {"training": {"optimizer": {"kind": "adamw", "weight_decay": 0.01}}},
        "/training/optimizer/weight_decay",
        "unknown_key",
    ),
    ({"budget": {"trails": 3}}, "/budget/trails", "unknown_key"),
    ({"split": {"valid": 0.2}}, "/split/valid", "unknown_key"),
    ({"pruner": {"kind": "early_stopping", "share": 0.5}}, "/pruner/share", "unknown_key"),
    ({"pruner": {"kind": "asha", "keep": 0.5}}, "/pruner/keep", "unknown_key"),
    ({"pruner": {"kind": "median", "min_epochs": 3}}, "/pruner/min_epochs", "unknown_key"),
    ({"pruner": {"spare_improving": True}}, "/pruner/spare_improving", "unknown_key"),
    ({"objective": {"name": "accuracy"}}, "/objective/name", "unknown_key"),
    ({"resources": {"gpu": 1}}, "/resources/gpu", "unknown_key"),
    (one("dropout", p=0.5), "/regularizers/0/p", "unknown_key"),
    (one("dropout", rate={"low": 0.0, "high": 0.5, "step": 0.1}), "/regularizers/0/rate/step", "unknown_key"),
    (one("dropout", rate={"choices": [0.1], "log": True}), "/regularizers/0/rate/log", "unknown_key"),
    (one("drop_out"), "/regularizers/0/kind", "unknown_name"),
    ({"regularizers": "recomended"}, "/regularizers", "unknown_name"),
    ({"dataset": "digit"}, "/dataset", "unknown_name"),
    ({"model": {"kind": "mpl"}}, "/model/kind", "unknown_name"),
    ({"training": {"optimizer": {"kind": "adan"}}}, "/training/optimizer/kind", "unknown_name"),
    ({"training": {"schedule": {"kind": "cosin"}}}, "/training/schedule/kind", "unknown_name"),
    ({"objective": {"metric": "acuracy"}}, "/objective/metric", "unknown_name"),
    ({"objective": {"direction": "up"}}, "/objective/direction", "unknown_name"),
    ({"sampler": {"kind": "bayes"}}, "/sampler/kind", "unknown_name"),
    ({"pruner": {"kind": "best"}}, "/pruner/kind", "unknown_name"),
    ({"runner": "me"}, "/runner", "unknown_name"),
    ({"resources": {"device": "tpu"}}, "/resources/device", "unknown_name"),
    (one("early_stopping", rule="falls"), "/regularizers/0/rule", "unknown_name"),
    (one("dropout", gate="maybe"), "/regularizers/0/gate", "unknown_name"),
    # Ranges.
    (one("dropout", rate={"low": 0.2, "high": 1.5}), "/regularizers/0/rate/high", "above_maximum"),
    (one("dropout", rate={"low": -0.1, "high": 0.5}), "/regularizers/0/rate/low", "below_minimum"),
    (one("dropout", rate={"low": 0.5, "high": 0.2}), "/regularizers/0/rate/low", "upside_down"),
    (one("dropout", rate={"low": 0.5, "high": 0.5}), "/regularizers/0/rate/low", "upside_down"),
    (one("dropout", rate={"low": 0.0, "high": 0.5, "log": True}), "/regularizers/0/rate/low", "not_log"),
    (one("l1", strength={"low": 0, "high": 1e-2}), "/regularizers/0/strength/low", "not_log"),
    (one("l1", strength={"low": 0, "high": 1e-2, "log": False}), "/regularizers/0/strength/low", "below_minimum"),
    (one("dropout", rate={"low": 0.2}), "/regularizers/0/rate/high", "missing"),
    (one("dropout", rate={}), "/regularizers/0/rate/low", "missing"),
    (one("dropout", rate={"low": NAN, "high": 0.5}), "/regularizers/0/rate/low", "wrong_type"),
    (one("dropout", rate={"low": 0.1, "high": math.inf}), "/regularizers/0/rate/high", "wrong_type"),
    (one("dropout", rate={"low": 0.1, "high": "0.5"}), "/regularizers/0/rate/high", "wrong_type"),
    (one("dropout", rate={"low": 0.1, "high": 0.5, "log": 1}), "/regularizers/0/rate/log", "wrong_type"),
    (one("early_stopping", patience={"low": 1.5, "high": 9}), "/regularizers/0/patience/low", "wrong_type"),
    (one("early_stopping", rule={"low": 1, "high": 2}), "/regularizers/0/rule", "wrong_type"),
    ({"training": {"epochs": {"low": 1, "high": 10**6}}}, "/training/epochs/high", "above_maximum"),
    ({"model": {"kind": "mlp", "width": {"low": 0, "high": 64}}}, "/model/width/low", "not_log"),
    # Fixed values and choices.
    (one("dropout", rate=1.5), "/regularizers/0/rate", "above_maximum"),
    (one("l1", strength=1e-12), "/regularizers/0/strength", "below_minimum"),
    (one("dropout", rate=True), "/regularizers/0/rate", "wrong_type"),
    (one("dropout", rate="0.5"), "/regularizers/0/rate", "wrong_type"),
    (one("dropout", rate=None), "/regularizers/0/rate", "wrong_type"),
    (one("dropout", rate=[0.1, 0.5]), "/regularizers/0/rate", "wrong_type"),
    (one("dropout", rate=NAN), "/regularizers/0/rate", "wrong_type"),
    (one("dropout", rate=10**400), "/regularizers/0/rate", "wrong_type"),
    (one("early_stopping", patience=2.5), "/regularizers/0/patience", "wrong_type"),
    (one("early_stopping", patience=False), "/regularizers/0/patience", "wrong_type"),
    (one("early_stopping", rule=1), "/regularizers/0/rule", "wrong_type"),
    (one("dropout", rate={"choices": [0.1, 1.5]}), "/regularizers/0/rate/choices/1", "above_maximum"),
    (one("dropout", rate={"choices": [0.1, 0.2, 0.1]}), "/regularizers/0/rate/choices/2", "duplicate"),
    (one("dropout", rate={"choices": []}), "/regularizers/0/rate/choices", "wrong_type"),
    (one("dropout", rate={"choices": 0.1}), "/regularizers/0/rate/choices", "wrong_type"),
    ({"training": {"batch_size": 0}}, "/training/batch_size", "below_minimum"),
    ({**one("batch_norm"), "training": {"batch_size": 1}}, "/training/batch_size", "below_minimum"),
    ({**one("batch_norm"), "training": {"batch_size": {"choices": [1, 2]}}}, "/training/batch_size", "below_minimum"),
    ({"training": {"optimizer": {"kind": "sgd", "nesterov": 1}}}, "/training/optimizer/nesterov", "wrong_type"),
    # Shapes.
    ({"regularizers": {"kind": "dropout"}}, "/regularizers", "wrong_type"),
    ({"regularizers": ["dropout"]}, "/regularizers/0", "wrong_type"),
    ({"regularizers": [{"rate": 0.5}]}, "/regularizers/0/kind", "missing"),
    ({"regularizers": [{"kind": 3}]}, "/regularizers/0/kind", "wrong_type"),
    ({"model": "mlp"}, "/model", "wrong_type"),
    ({"model": {"kind": {"choices": ["mlp", "convnet"]}}}, "/model/kind", "wrong_type"),
    ({"training": []}, "/training", "wrong_type"),
    ({"objective": "accuracy"}, "/objective", "wrong_type"),
    ({"objective": {"metric": 3}}, "/objective/metric", "wrong_type"),
    ({"objectives": {}}, "/objectives", "wrong_type"),
    ({"objectives": []}, "/objectives", "wrong_type"),
    ({"labels": ["a"]}, "/labels", "wrong_type"),
    ({"labels": {"team": 3}}, "/labels/team", "wrong_type"),
    ({"labels": {str(index): "x" for index in range(51)}}, "/labels", "above_maximum"),
    ({"name": ""}, "/name", "wrong_length"),
    ({"name": "x" * 201}, "/name", "wrong_length"),
    ({"name": 3}, "/name", "wrong_type"),
    ({"name": None}, "/name", "wrong_type"),
    ({"name": "a\x00b"}, "/name", "wrong_characters"),
    ({"name": "two\nlines"}, "/name", "wrong_characters"),
    ({"name": "half \ud83d"}, "/name", "wrong_characters"),
    ({"dataset": "d" * 501}, "/dataset", "wrong_characters"),
    ({"name": "   "}, "/name", "wrong_length"),
    ({"dataset": "digits\x00"}, "/dataset", "wrong_characters"),
    ({"labels": {"a\x00": "b"}}, "/labels/a\x00", "wrong_characters"),
    ({"seed": -1}, "/seed", "below_minimum"),
    ({"seed": 2**53}, "/seed", "above_maximum"),
    ({"seed": 1.5}, "/seed", "wrong_type"),
    ({"seed": True}, "/seed", "wrong_type"),
    ({"priority": 10**6}, "/priority", "above_maximum"),
    ({"baselines": 1}, "/baselines", "wrong_type"),
    ({"split": {"stratify": "yes"}}, "/split/stratify", "wrong_type"),
    ({"split": {"validation": 0}}, "/split/validation", "below_minimum"),
    ({"split": {"test": 1.0}}, "/split/test", "above_maximum"),
    ({"split": {"test": 2}}, "/split/test", "above_maximum"),
    ({"split": {"test": "0.2"}}, "/split/test", "wrong_type"),
    ({"split": {"validation": 0.5, "test": 0.5}}, "/split/validation", "above_maximum"),
    ({"pruner": {"keep": 0}}, "/pruner/keep", "below_minimum"),
    ({"pruner": {"keep": 1.1}}, "/pruner/keep", "above_maximum"),
    ({"pruner": "early_stopping"}, "/pruner", "wrong_type"),
    ({"pruner": {"kind": "asha", "min_epochs": 0}}, "/pruner/min_epochs", "below_minimum"),
    ({"pruner": {"kind": "asha", "min_epochs": 10_001}}, "/pruner/min_epochs", "above_maximum"),
    ({"pruner": {"kind": "asha", "min_epochs": 1.5}}, "/pruner/min_epochs", "wrong_type"),
    ({"pruner": {"kind": "asha", "reduction_factor": 1}}, "/pruner/reduction_factor", "below_minimum"),
    ({"pruner": {"kind": "asha", "reduction_factor": 10_001}}, "/pruner/reduction_factor", "above_maximum"),
    ({"pruner": {"kind": "asha", "reduction_factor": None}}, "/pruner/reduction_factor", "wrong_type"),
    ({"pruner": {"kind": "asha", "spare_improving": 1}}, "/pruner/spare_improving", "wrong_type"),
    ({"pruner": {"kind": "median", "startup_trials": -1}}, "/pruner/startup_trials", "below_minimum"),
    ({"pruner": {"kind": "median", "startup_trials": 10**7}}, "/pruner/startup_trials", "above_maximum"),
    ({"pruner": {"kind": "median", "warmup_epochs": -1}}, "/pruner/warmup_epochs", "below_minimum"),
    ({"pruner": {"kind": "median", "warmup_epochs": 10_001}}, "/pruner/warmup_epochs", "above_maximum"),
    ({"pruner": {"kind": "median", "interval_epochs": 0}}, "/pruner/interval_epochs", "below_minimum"),
    ({"pruner": {"kind": "median", "interval_epochs": 10_001}}, "/pruner/interval_epochs", "above_maximum"),
    ({"pruner": {"kind": "median", "spare_improving": "no"}}, "/pruner/spare_improving", "wrong_type"),
    ({"budget": {"trials": 0}}, "/budget/trials", "below_minimum"),
    ({"budget": {"trials": None}}, "/budget/trials", "wrong_type"),
    ({"budget": {"epochs": 0}}, "/budget/epochs", "below_minimum"),
    ({"budget": {"wall_seconds": 0}}, "/budget/wall_seconds", "below_minimum"),
    ({"budget": {"wall_seconds": NAN}}, "/budget/wall_seconds", "wrong_type"),
    ({"budget": {"device_seconds": 1e12}}, "/budget/device_seconds", "above_maximum"),
    ({"budget": {"failed_trials": 0}}, "/budget/failed_trials", "below_minimum"),
    ({"dataset": {"path": "train.csv", "target": "y"}}, "/dataset", "wrong_type"),
    ({"dataset": 3}, "/dataset", "wrong_type"),
    # What does not go together.
    ({"resources": {"device": "cpu", "precision": "tf32"}}, "/resources/precision", "conflict"),
    ({"regularizers": [{"kind": "l1"}, {"kind": "l1"}]}, "/regularizers/1/kind", "duplicate"),
    ({"objective": {}, "objectives": [{"metric": "accuracy"}]}, "/objectives", "conflict"),
    ({"objective": {"metric": "rmse"}}, "/objective/metric", "metric_does_not_fit"),
    ({"dataset": "diabetes", "objective": {"metric": "accuracy"}}, "/objective/metric", "metric_does_not_fit"),
    ({"dataset": "wine", **one("rotation")}, "/regularizers/0/kind", "not_for_tables"),
    ({"dataset": "wine", **one("flip", gate="off")}, "/regularizers/0/kind", "not_for_tables"),
    ({"dataset": "wine", "model": {"kind": "convnet"}}, "/model/kind", "not_for_tables"),
]


@pytest.mark.parametrize(("written", "pointer", "code"), CASES, ids=[f"{at} {code}" for _, at, code in CASES])
def test_an_error_points_at_its_field(refused: Any, written: dict[str, Any], pointer: str, code: str) -> None:
    errors = refused({"dataset": "digits", **written})
    assert [(error.pointer, error.code) for error in errors][:1] == [(pointer, code)]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (one("dropout", rate={"low": 0.2, "high": 1.5}), "1.5 is above 0.95"),
        (one("droput"), '"droput" is no regularizer; did you mean "dropout"?'),
        ({"dataset": "digit"}, 'there is no data set "digit"; did you mean "digits"?'),
        ({"regularisers": []}, '"regularisers" is not a key of a study; did you mean "regularizers"?'),
        (
            one("l1", strength={"low": 0, "high": 1e-2}),
            "a logarithmic range starts above 0, got 0; strength lies within 1e-8 and 1",
        ),
        (
            one("l1", strength={"low": 0, "high": 1e-2, "log": False}),
            '0 is below 1e-8; to search whether to use it at all, write "gate": "search"',
        ),
        (one("l1", strength=1e-9), "1e-9 is below 1e-8; 0 is off"),
        ({"sampler": {"kind": "gp"}}, '"gp" is not available yet; kind may be tpe, optuna_tpe, random, qmc, grid'),
        ({"dataset": "wine", **one("rotation")}, "rotation works on images only, and wine is a table"),
        (
            {"dataset": "diabetes", "objective": {"metric": "accuracy"}},
            "accuracy does not fit regression, the task of diabetes; there are rmse, mae, r2",
        ),
        (
            {"regularizers": [{"kind": "l1"}, {"kind": "l1"}]},
            "l1 stands at /regularizers/0 already; a kind appears once in a study",
        ),
        ({"budget": {"trials": "many"}}, 'trials is a whole number, got "many"'),
    ],
)
def test_an_error_says_what_was_got_and_what_is_allowed(refused: Any, written: dict[str, Any], message: str) -> None:
    assert [error.message for error in refused({"dataset": "digits", **written})] == [message]


def test_a_study_without_data_is_told_what_there_is(refused: Any) -> None:
    assert refused({}) == (
        FieldError("/dataset", "missing", "a study names its data set; there are digits, wine, diabetes"),
    )


def test_all_errors_of_a_document_come_in_one_answer(refused: Any) -> None:
    errors = refused(
        {
            "dataset": "nowhere",
            "seed": -1,
            "model": {"kind": "mlp", "depth": 99},
            "regularizers": [{"kind": "dropout", "rate": 2}, {"kind": "l3"}, {"kind": "l1", "gate": 1}],
            "sampler": {"kind": "gp"},
            "unknown": 1,
        }
    )
    assert {error.pointer for error in errors} == {
        "/dataset",
        "/seed",
        "/model/depth",
        "/regularizers/0/rate",
        "/regularizers/1/kind",
        "/regularizers/2/gate",
        "/sampler/kind",
        "/unknown",
    }


def test_a_document_that_is_no_object_is_refused_whole(refused: Any) -> None:
    assert refused(["digits"])[0].pointer == ""


def test_the_error_reads_as_one_line(refused: Any, parse: Any) -> None:
    with pytest.raises(InvalidStudy, match=r"^/seed: -1 is below 0; /nme: "):
        parse({"dataset": "digits", "seed": -1, "nme": "x"})


def test_a_half_character_is_named_in_a_way_that_can_be_sent(refused: Any) -> None:
    (error,) = refused({"dataset": "digits", "\ud800": 1})
    assert error.pointer == "/\\ud800"
    assert error.message.encode()


def test_a_document_with_no_end_of_errors_is_not_read_to_its_end(refused: Any) -> None:
    unknown = {f"key{index}": index for index in range(10_000)}
    assert len(refused({"dataset": "digits", "regularizers": [7] * 50, **unknown})) == MOST_ERRORS
    assert len(refused({"dataset": "digits", "regularizers": [{"kind": "l3"}] * 10_000})) == MOST_ERRORS
