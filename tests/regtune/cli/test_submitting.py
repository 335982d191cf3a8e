"""`submit`, `validate`, `best` and `stop`, as people read them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from scripted_server import STUDY_ID, ScriptedServer, study
from typer.testing import Result

PATH = f"/studies/{STUDY_ID}"
BEST = {"number": 40, "value": 0.9731, "setting": {"dropout.rate": 0.25, "l1.gate": False}}
Regtune = Callable[..., Result]


def dimension(name: str, kind: str, **changes: object) -> dict[str, object]:
    """A dimension of a space as the server gives it."""
    usual = {"name": name, "type": kind, "low": None, "high": None, "log": False, "choices": [], "conditions": {}}
    return {**usual, **changes}


DIMENSIONS = [
    dimension("l1.gate", "flag"),
    dimension("l1.strength", "real", low=1e-7, high=0.01, log=True, conditions={"l1.gate": True}),
    dimension("l2.gate", "flag", conditions={"l1.gate": False, "skip.gate": True}),
    dimension("model.depth", "integer", low=1, high=4),
    dimension("weight_regularization.norm", "choice", choices=["l1", "l2"]),
]


def test_submit_prints_the_id_alone(regtune: Regtune, server: ScriptedServer, study_file: Path) -> None:
    server.on("POST", "/studies", study(warnings=["early stopping is named nowhere"]))
    result = regtune("submit", str(study_file))
    assert result.stdout == f"{STUDY_ID}\n"
    assert result.stderr == "warning: early stopping is named nowhere\n"


def test_submit_uploads_the_file_beside_the_study(regtune: Regtune, server: ScriptedServer, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "train.csv").write_text("x,y\n1,a\n")
    (folder / "study.yaml").write_text("dataset: {path: train.csv, target: y}\n")
    server.on("POST", "/datasets", {"id": "01DATA"})
    server.on("POST", "/studies", study())
    assert regtune("submit", "elsewhere/study.yaml").exit_code == 0
    assert json.loads(server.requests[-1].content) == {"dataset": "01DATA"}


def test_validate_lists_what_is_searched(regtune: Regtune, server: ScriptedServer, study_file: Path) -> None:
    resolved = {"definition": {"budget": {"trials": 9}}, "space": {"dimensions": DIMENSIONS}, "warnings": ["beware"]}
    server.on("POST", "/studies", resolved)
    result = regtune("validate", str(study_file))
    assert [line.split() for line in result.stdout.splitlines()[1:]] == [
        ["l1.gate", "flag", "yes", "or", "no"],
        ["l1.strength", "real", "l1.gate", "1e-07", "to", "0.01,", "logarithmic"],
        ["l2.gate", "flag", "not", "l1.gate,", "skip.gate", "yes", "or", "no"],
        ["model.depth", "integer", "1", "to", "4"],
        ["weight_regularization.norm", "choice", "l1,", "l2"],
        ["valid:", "searches", "5", "dimensions", "in", "9", "trials"],
    ]
    assert result.stderr == "warning: beware\n"


def test_validate_says_when_nothing_is_searched(regtune: Regtune, server: ScriptedServer, study_file: Path) -> None:
    server.on(
        "POST", "/studies", {"definition": {"budget": {"trials": 1}}, "space": {"dimensions": []}, "warnings": []}
    )
    assert regtune("validate", str(study_file)).stdout == "valid: searches nothing in 1 trials\n"


def test_best_is_the_trial_and_its_setting(regtune: Regtune, server: ScriptedServer) -> None:
    server.on("GET", f"{PATH}/best", BEST)
    lines = regtune("best", STUDY_ID).stdout.splitlines()
    assert lines[0] == "trial 40: 0.9731"
    assert [line.split() for line in lines[2:]] == [["dropout.rate", "0.25"], ["l1.gate", "no"]]


def test_best_in_a_format_is_what_the_server_writes(regtune: Regtune, server: ScriptedServer) -> None:
    server.on("GET", f"{PATH}/best", httpx2.Response(200, text="dropout.rate: 0.25\n"))
    assert regtune("best", STUDY_ID, "--format", "yaml").stdout == "dropout.rate: 0.25\n"


def test_best_in_an_unknown_format_is_refused(regtune: Regtune, server: ScriptedServer) -> None:
    result = regtune("best", STUDY_ID, "--format", "toml")
    assert result.exit_code == 2
    assert "'json', 'yaml', 'python'" in result.stderr


@pytest.mark.parametrize(("words", "mode"), [([], "drain"), (["--now"], "now")])
def test_stop_lets_trials_end_unless_told_otherwise(
    words: list[str], mode: str, regtune: Regtune, server: ScriptedServer
) -> None:
    server.on("POST", f"{PATH}:stop", study(state="stopping", stop_reason="user"))
    assert "stopping (user)" in regtune("stop", STUDY_ID, *words).stdout
    assert json.loads(server.requests[0].content) == {"mode": mode}
