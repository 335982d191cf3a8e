"""What is printed for people: plain text, however it is named, as wide as it is where there is no terminal."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from scripted_server import STUDY_ID, ScriptedServer, page, study, trial
from typer.testing import Result

from regtune.cli.output import note, number, print_json, show, table, value_text

PATH = f"/studies/{STUDY_ID}"
Regtune = Callable[..., Result]


def test_names_are_not_markup(capsys: pytest.CaptureFixture[str]) -> None:
    show(table(("name", "[bold]value[/bold]"), [("[red]a[/red]", "[link=x]:smile:[/link]")]))
    show("[b]line[/b] :smile:")
    printed = capsys.readouterr().out
    for text in ("[bold]value[/bold]", "[red]a[/red]", "[link=x]:smile:[/link]", "[b]line[/b] :smile:"):
        assert text in printed


@pytest.mark.parametrize("name", ["\x1b[2Jgone", "two\nlines", "\x07bell", "\x9b31m"])
def test_a_name_cannot_steer_the_terminal(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    show(table(("name", "value"), [(name, name)]))
    show(name)
    note(name)
    out, err = capsys.readouterr()
    assert (out + err).replace("\n", "").isprintable()
    assert len(out.splitlines()) == 3


def test_a_long_name_stays_on_its_line(regtune: Regtune, server: ScriptedServer) -> None:
    name = "a very long name " * 30
    server.on("GET", "/studies", page(study(name=name)))
    result = regtune("status")
    assert name.rstrip() in result.stdout
    assert len(result.stdout.splitlines()) == 2


def test_no_line_ends_with_blanks(capsys: pytest.CaptureFixture[str]) -> None:
    show(table(("a", "b"), [("1", "short"), ("2", "much longer")]))
    assert all(line == line.rstrip() for line in capsys.readouterr().out.splitlines())


def test_json_is_ascii_and_reads_back(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"name": "größer \ud800"})
    printed = capsys.readouterr().out
    assert printed.isascii()
    assert json.loads(printed) == {"name": "größer \ud800"}


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0.0, "0"), (0.97312, "0.9731"), (55.0, "55.0000"), (0.000012345, "1.234e-05")]
)
def test_a_number_reads(value: float | None, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(True, "yes"), (False, "no"), (3, "3"), (1e-05, "1e-05"), (0.123456, "0.1235"), ("l1", "l1")]
)
def test_a_value_reads(value: object, text: str) -> None:
    assert value_text(value) == text


def test_trials_are_rows_that_say_why_they_failed_or_were_cut(regtune: Regtune, server: ScriptedServer) -> None:
    failed = trial(1, state="failed", stop=None, value=None, setting={})
    cut = trial(
        2, state="pruned", stop={"by": "pruner", "epoch": 4, "reason": "it fell behind"}, value=None, setting={}
    )
    server.on("GET", f"{PATH}/trials", page(trial(0), failed, cut))
    server.on("GET", f"{PATH}/trials/1", {**failed, "error": {"code": "diverged", "message": "diverged in epoch 7"}})
    result = regtune("trials", STUDY_ID)
    rows = [line.split() for line in result.stdout.splitlines()]
    assert rows[1:] == [
        ["0", "completed", "0.9000", "epochs", "at", "30", "dropout.rate=0.25"],
        ["1", "failed", "–", "diverged", "in", "epoch", "7"],
        ["2", "pruned", "–", "pruner", "at", "4"],
    ]


def test_a_server_without_studies_says_how_to_begin(regtune: Regtune, server: ScriptedServer) -> None:
    server.on("GET", "/studies", page())
    result = regtune("status")
    assert result.stdout == "There are no studies yet: regtune submit FILE starts one.\n"


def test_a_study_without_trials_says_so(regtune: Regtune, server: ScriptedServer) -> None:
    server.on("GET", f"{PATH}/trials", page())
    result = regtune("trials", STUDY_ID)
    assert result.stdout == "There are no trials yet.\n"
