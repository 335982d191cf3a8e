"""What a study's summary says."""

from __future__ import annotations

from typing import Any

import pytest
from scripted_server import STUDY_ID, study

from regtune.cli.summary import counts, difference, print_summary

SMALLER = {"metric": "rmse", "direction": "minimize"}


def printed(capsys: pytest.CaptureFixture[str], **changes: Any) -> list[str]:
    print_summary(study(**changes))
    return capsys.readouterr().out.splitlines()


def fact(lines: list[str], name: str) -> str:
    """What stands beside a name in the table."""
    (found,) = [line.removeprefix(name).strip() for line in lines if line.startswith(f"{name}  ")]
    return found


def test_the_last_line_counts_the_trials(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys)[-1] == "96 trials: 61 completed, 33 pruned, 2 failed"


def test_the_first_line_names_the_study(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys)[0].split() == ["study", STUDY_ID]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("name", "a study"),
        ("state", "completed (budget_trials)"),
        ("baseline balanced_accuracy", "0.9500 (trial 0, nothing regularized)"),
        ("best balanced_accuracy", "0.9731 (trial 40)"),
        ("difference", "+0.0231 (better; more is better)"),
        ("it uses", "dropout"),
        ("trials", "61 completed, 33 pruned, 2 failed"),
        ("epochs", "1800 run, 1080 saved by stopping early"),
        ("trials per second", "2.40"),
        ("dropout.rate", "0.25"),
        ("l1.gate", "no"),
    ],
)
def test_it_says(name: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert fact(printed(capsys), name) == says


@pytest.mark.parametrize(
    ("best", "baseline", "direction", "words"),
    [
        (0.75, 0.5, "maximize", "+0.2500 (better; more is better)"),
        (0.5, 0.75, "maximize", "-0.2500 (worse; more is better)"),
        (0.5, 0.75, "minimize", "-0.2500 (better; less is better)"),
        (0.75, 0.5, "minimize", "+0.2500 (worse; less is better)"),
        (0.5, 0.5, "minimize", "none"),
        (0.00002, 0.00001, "maximize", "+1e-05 (better; more is better)"),
    ],
)
def test_the_difference_is_judged_by_the_direction(best: float, baseline: float, direction: str, words: str) -> None:
    assert difference(best, baseline, direction) == words


def test_a_smaller_error_is_an_improvement(capsys: pytest.CaptureFixture[str]) -> None:
    best, baseline = ({"number": number, "value": value, "setting": {}} for number, value in ((7, 50.5), (0, 55.0)))
    lines = printed(capsys, objective=SMALLER, best=best, baseline=baseline)
    assert fact(lines, "best rmse") == "50.5000 (trial 7)"
    assert fact(lines, "difference") == "-4.5000 (better; less is better)"


def test_a_best_that_uses_nothing_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    best = {"number": 3, "value": 0.9, "setting": {"l1.gate": False, "training.optimizer.learning_rate": 0.01}}
    assert fact(printed(capsys, best=best), "it uses") == "no regularizer"


def test_a_study_without_any_value_has_no_setting(capsys: pytest.CaptureFixture[str]) -> None:
    nothing = {"completed": 0, "pruned": 0, "failed": 0, "trials_per_second": None}
    lines = printed(capsys, best=None, baseline=None, state="queued", stop_reason=None, progress=nothing)
    assert fact(lines, "best balanced_accuracy") == "none yet: no trial has a value"
    assert not any("setting" in line for line in lines)
    assert lines[-1] == "0 trials: 0 completed, 0 pruned, 0 failed"


def test_a_baseline_that_diverged_is_compared_with_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, baseline={"number": 0, "value": None, "setting": {}})
    assert not any(line.startswith(("difference", "baseline")) for line in lines)


def test_it_says_why_nothing_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert fact(printed(capsys, waiting="no worker lives"), "waiting") == "no worker lives"


def test_trials_that_have_not_ended_are_counted_where_there_are_any() -> None:
    progress = study({"running": 8, "queued": 1, "cancelled": 2})["progress"]
    assert counts(progress) == "107 trials: 61 completed, 33 pruned, 2 failed, 2 cancelled, 8 running, 1 queued"


def test_one_trial_is_one_trial() -> None:
    assert counts(study({"completed": 1, "pruned": 0, "failed": 0})["progress"]).startswith("1 trial: ")
