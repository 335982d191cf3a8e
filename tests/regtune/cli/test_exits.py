"""The exit code of a command, and what it says of an error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from scripted_server import STUDY_ID, ScriptedServer, problem, study

PATH = f"/studies/{STUDY_ID}"
Code = Callable[..., int]
Printed = pytest.CaptureFixture[str]


def test_0_when_it_is_done(code_of: Code, server: ScriptedServer) -> None:
    server.on("GET", PATH, study())
    assert code_of("status", STUDY_ID) == 0


@pytest.mark.parametrize("words", [["nonsense"], ["status", "--nonsense"], ["run"], ["run", "nowhere.yaml"]])
def test_2_when_the_words_are_wrong(words: list[str], code_of: Code, server: ScriptedServer) -> None:
    assert code_of(*words) == 2
    assert server.requests == []


def test_2_when_an_id_is_empty(code_of: Code, server: ScriptedServer) -> None:
    assert code_of("status", "") == 2
    assert code_of("trials", " ") == 2
    assert server.requests == []


def test_2_when_a_study_is_refused_with_a_line_for_each_fault(
    code_of: Code, server: ScriptedServer, study_file: Path, capsys: Printed
) -> None:
    faults = (("/regularizers/0/rate", "1.5 is above 0.95"), ("/split", "unknown"))
    server.on("POST", "/studies", problem(422, "see errors", *faults))
    assert code_of("submit", str(study_file)) == 2
    assert capsys.readouterr().err.splitlines() == [
        "regtune: the server refuses this",
        "  /regularizers/0/rate: 1.5 is above 0.95",
        "  /split: unknown",
    ]


def test_2_when_a_study_file_is_no_yaml_with_its_place(
    code_of: Code, server: ScriptedServer, tmp_path: Path, capsys: Printed
) -> None:
    (tmp_path / "broken.yaml").write_text("dataset: wine\nmodel: {kind: mlp\n")
    assert code_of("submit", str(tmp_path / "broken.yaml")) == 2
    assert "broken.yaml:3:1: " in capsys.readouterr().err


def test_2_when_a_study_is_unknown(code_of: Code, server: ScriptedServer, capsys: Printed) -> None:
    assert code_of("status", "unknown") == 2
    assert capsys.readouterr().err == "regtune: there is no GET /api/v1/studies/unknown\n"


def test_2_when_the_address_is_none(code_of: Code, capsys: Printed) -> None:
    assert code_of("status", "--url", "localhost:8000") == 2
    assert "the server's URL is 'localhost:8000'" in capsys.readouterr().err


def test_3_when_the_study_failed(code_of: Code, server: ScriptedServer, study_file: Path) -> None:
    server.on("POST", "/studies", study(state="queued"))
    server.on("GET", PATH, study(state="failed", stop_reason="too_many_failures"))
    assert code_of("run", str(study_file)) == 3


def test_3_when_the_study_ended_without_a_result(code_of: Code, server: ScriptedServer, study_file: Path) -> None:
    server.on("POST", "/studies", study(state="queued"))
    server.on("GET", PATH, study(best=None))
    assert code_of("run", str(study_file)) == 3


def test_4_when_the_study_goes_on_for_too_long(
    code_of: Code, server: ScriptedServer, study_file: Path, capsys: Printed
) -> None:
    server.on("POST", "/studies", study(state="queued"))
    server.on("GET", PATH, study(state="running"))
    assert code_of("run", str(study_file), "--timeout", "0") == 4
    assert capsys.readouterr().err == f"regtune: study {STUDY_ID} had not ended after 0 s; it goes on\n"


@pytest.mark.parametrize("status", [401, 403, 429, 500])
def test_5_when_the_server_gives_us_no_answer(status: int, code_of: Code, server: ScriptedServer) -> None:
    server.on("GET", PATH, problem(status, "not for you"))
    assert code_of("status", STUDY_ID) == 5


def test_5_when_something_else_answers(code_of: Code, server: ScriptedServer) -> None:
    server.on("GET", PATH, httpx2.Response(200, text="<html>"))
    assert code_of("status", STUDY_ID) == 5


def test_a_missing_key_is_told_where_to_put_it(code_of: Code, server: ScriptedServer, capsys: Printed) -> None:
    server.on("GET", PATH, problem(401, "a key is needed"))
    code_of("status", STUDY_ID)
    assert capsys.readouterr().err.splitlines() == [
        "regtune: a key is needed",
        "  REGTUNE_KEY holds the key that is shown to the server",
    ]


def test_130_when_it_is_interrupted_and_the_study_goes_on(
    code_of: Code, regtune: Callable[..., object], server: ScriptedServer, study_file: Path
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    server.on("POST", "/studies", study(state="queued"))
    server.on("GET", PATH, study(state="running"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("regtune.client.following.time.sleep", interrupted)
        result = regtune("run", str(study_file))
    assert result.exit_code == 130
    assert f"regtune stop {STUDY_ID} ends it" in result.stderr
