"""The command line in front of a scripted server, and in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

import pytest
from scripted_server import ScriptedServer
from typer.testing import CliRunner, Result

from regtune.cli.exits import exit_code
from regtune.cli.main import application
from regtune.client import Client

COMMAND = [sys.executable, "-c", "from regtune.cli.main import main; main()"]


class Command(Protocol):
    """Runs `regtune` with some words, in this process, off a terminal."""

    def __call__(self, *words: str) -> Result: ...


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> ScriptedServer:
    """The server that every command of this process meets."""
    found = ScriptedServer()
    monkeypatch.setattr("regtune.client.Client", partial(Client, transport=found.transport))
    return found


@pytest.fixture
def regtune(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    for name in ("REGTUNE_URL", "REGTUNE_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("regtune.client.following._POLL_SECONDS", 0.001)
    app = application()

    def run(*words: str) -> Result:
        # The codes of errors are given outside of the application, as `main` does.
        result = CliRunner().invoke(app, list(words), prog_name="regtune")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def code_of(regtune: Command) -> Callable[..., int]:
    """The exit code of `regtune` with some words."""

    def run(*words: str) -> int:
        codes: list[int] = []
        failed = exit_code(lambda: codes.append(regtune(*words).exit_code))
        return failed or codes[0]

    return run


@pytest.fixture
def study_file(tmp_path: Path) -> Path:
    """A study file; the server decides what becomes of it."""
    path = tmp_path / "study.yaml"
    path.write_text("dataset: wine\n")
    return path


@pytest.fixture
def in_a_process(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `regtune` as a process of its own, without any setting of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REGTUNE_")}

    def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *words],
            cwd=tmp_path,
            env={**kept, "HOME": str(tmp_path), **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run
