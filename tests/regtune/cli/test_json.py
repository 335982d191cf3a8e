"""`--json`: every command prints one JSON document on standard output, and nothing else there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scripted_server import STUDY_ID, ScriptedServer, page, study, trial

PATH = f"/studies/{STUDY_ID}"
BEST = {"number": 40, "value": 0.9731, "setting": {"dropout.rate": 0.25}}
RESOLVED = {"definition": {"budget": {"trials": 3}}, "space": {"dimensions": []}, "warnings": ["a warning"]}
ENDED = study(warnings=["a warning"], name="größer")

COMMANDS: list[tuple[list[str], Any]] = [
    (["run", "study.yaml"], ENDED),
    (["submit", "study.yaml"], ENDED),
    (["validate", "study.yaml"], RESOLVED),
    (["status"], [ENDED]),
    (["status", STUDY_ID], ENDED),
    (["trials", STUDY_ID], [trial(0), trial(1)]),
    (["best", STUDY_ID], BEST),
    (["stop", STUDY_ID], ENDED),
]


@pytest.mark.parametrize(("words", "document"), COMMANDS, ids=[" ".join(words) for words, _ in COMMANDS])
def test_standard_output_is_the_document(
    words: list[str], document: Any, regtune: Callable[..., Any], server: ScriptedServer, study_file: Path
) -> None:
    server.on("POST", "/studies", RESOLVED if words[0] == "validate" else ENDED)
    server.on("GET", "/studies", page(ENDED))
    server.on("GET", PATH, ENDED)
    server.on("GET", f"{PATH}/trials", page(trial(0), token="next"), page(trial(1)))
    server.on("GET", f"{PATH}/best", BEST)
    server.on("POST", f"{PATH}:stop", ENDED)
    result = regtune(*words, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == document


def test_the_version_is_a_document_too(regtune: Callable[..., Any]) -> None:
    assert json.loads(regtune("version", "--json").stdout).keys() == {"regtune", "python"}


def test_the_best_setting_as_json_and_as_python_at_once_is_refused(
    regtune: Callable[..., Any], server: ScriptedServer
) -> None:
    result = regtune("best", STUDY_ID, "--json", "--format", "python")
    assert result.exit_code == 2
    assert server.requests == []


def test_a_refusal_leaves_standard_output_empty(
    code_of: Callable[..., int], server: ScriptedServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert code_of("status", "unknown", "--json") == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("command", ["run", "submit", "validate", "status", "trials", "best", "stop", "version"])
def test_every_command_explains_it(command: str, regtune: Callable[..., Any]) -> None:
    explained = regtune(command, "--help")
    assert explained.exit_code == 0
    assert "--json" in explained.stdout
