"""`regtune run` while the study runs: lines in a log, one live line in a terminal, all of it on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from scripted_server import STUDY_ID, ScriptedServer, study
from typer.testing import Result

from regtune.cli.following import follow, progress_line

EARLIER = study({"completed": 4, "pruned": 1, "failed": 0, "running": 16, "eta_seconds": 31.7}, state="running")


class Terminal(StringIO):
    """A terminal that keeps what is written to it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def in_terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Follows changes with a terminal of 120 columns as standard error, and gives what that shows."""
    for name in ("CI", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "120")

    def run(seen: Iterable[dict[str, Any]], **environment: str) -> str:
        for name, value in {"TERM": "xterm-256color", **environment}.items():
            monkeypatch.setenv(name, value)
        terminal = Terminal()
        monkeypatch.setattr("sys.stderr", terminal)
        follow(seen)
        return terminal.getvalue()

    return run


def changes() -> Iterator[dict[str, Any]]:
    yield EARLIER
    yield study()


def test_a_line_tells_how_it_stands() -> None:
    assert progress_line(EARLIER) == (
        "running: 5 of 96 trials (best balanced_accuracy 0.9731, 4 completed, 1 pruned, 16 running, about 32 s left)"
    )


def test_a_line_tells_why_nothing_runs() -> None:
    nothing = study({"completed": 0, "pruned": 0, "failed": 0}, state="queued", best=None, waiting="no worker lives")
    assert progress_line(nothing) == "queued: 0 of 96 trials (waiting: no worker lives)"


def test_a_log_gets_plain_lines_and_the_last_is_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert follow(changes()) == study()
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [progress_line(EARLIER), progress_line(study())]


def test_a_log_is_not_flooded(capsys: pytest.CaptureFixture[str]) -> None:
    follow(study({"completed": count}) for count in range(100))
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_a_terminal_gets_a_live_line(in_terminal: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
    shown = in_terminal(changes())
    assert "96/96" in shown
    assert "\x1b[3" in shown
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("columns", ["60", "80", "120"])
def test_a_live_line_is_one_line_with_its_count_however_long_it_is(
    columns: str, in_terminal: Callable[..., str]
) -> None:
    shown = in_terminal([study(waiting="for a very long reason " * 20)], COLUMNS=columns)
    assert shown.count("\n") == 1
    assert "96/96" in shown


def test_a_terminal_without_colour_gets_none(in_terminal: Callable[..., str]) -> None:
    shown = in_terminal(changes(), NO_COLOR="1")
    assert "96/96" in shown
    assert "\x1b[3" not in shown


@pytest.mark.parametrize("environment", [{"CI": "true"}, {"TERM": "dumb"}], ids=["ci", "dumb"])
def test_a_terminal_that_cannot_go_back_gets_plain_lines(
    environment: dict[str, str], in_terminal: Callable[..., str]
) -> None:
    shown = in_terminal(changes(), **environment)
    assert shown.splitlines() == [progress_line(EARLIER), progress_line(study())]


def test_a_reason_cannot_steer_the_terminal(in_terminal: Callable[..., str]) -> None:
    shown = in_terminal([study(best=None, waiting="\x1b]0;title\x07 [red]x[/red]")])
    assert "\x1b]0;" not in shown
    assert "[red]x[/red]" in shown


def test_run_submits_follows_and_sums_up(
    regtune: Callable[..., Result], server: ScriptedServer, study_file: Path
) -> None:
    server.on("POST", "/studies", study(state="queued", best=None))
    server.on("GET", f"/studies/{STUDY_ID}", EARLIER, study())
    result = regtune("run", str(study_file))
    assert result.exit_code == 0
    assert result.stderr.splitlines()[0] == f"study {STUDY_ID} at http://127.0.0.1:8000/api/v1/studies/{STUDY_ID}"
    assert result.stdout.splitlines()[-1] == "96 trials: 61 completed, 33 pruned, 2 failed"
