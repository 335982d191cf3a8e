"""`regtune` as a process: what it loads, and how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

HEAVY = {"torch", "optuna", "sqlalchemy", "fastapi", "numpy", "polars", "celery"}
RUN_ALONE = "from regtune.cli.main import main\nmain()"
Process = Callable[..., subprocess.CompletedProcess[str]]
RUN = "from regtune.cli.main import main\ntry:\n    main({words})\nexcept SystemExit:\n    pass"


@pytest.mark.parametrize("code", ["import regtune", RUN.format(words=["--help"]), RUN.format(words=["version"])])
def test_nothing_heavy_is_loaded(code: str) -> None:
    end = "\nimport sys\nprint('\\n' + ' '.join({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code + end], capture_output=True, text=True, timeout=60, check=True)
    assert not HEAVY & set(done.stdout.splitlines()[-1].split())


def test_the_client_is_not_loaded_where_no_server_is_asked() -> None:
    code = RUN.format(words=["version"]) + "\nimport sys\nprint('httpx2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "False"


def test_help_is_plain_off_a_terminal(in_a_process: Process) -> None:
    done = in_a_process("--help")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    for command in ("run", "submit", "validate", "status", "trials", "best", "stop", "version", "up"):
        assert f"  {command} " in done.stdout


def test_up_explains_itself(in_a_process: Process) -> None:
    done = in_a_process("up", "--help")
    assert done.returncode == 0
    assert "--data" in done.stdout
    assert "--workers" in done.stdout


def test_no_server_is_one_clear_line_within_seconds(in_a_process: Process) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        began = time.monotonic()
        done = in_a_process("status", "--url", url)
    assert time.monotonic() - began < 10
    assert done.returncode == 5
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"regtune: regtune does not answer at {url}: Connection refused")


def test_a_terminal_of_few_characters_does_not_end_a_command(in_a_process: Process) -> None:
    done = in_a_process("status", "größer", "--url", "ñ", PYTHONIOENCODING="ascii")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_ctrl_c_ends_with_130_and_no_traceback(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(30)
        process = subprocess.Popen(
            [sys.executable, "-c", RUN_ALONE, "status", "--url", f"http://127.0.0.1:{silent.getsockname()[1]}"],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            connection, _ = silent.accept()
            with connection:
                # The question has been sent, and the answer is being waited for.
                assert connection.recv(1)
                os.kill(process.pid, signal.SIGINT)
                _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_output_that_cannot_be_written_is_one_line_and_code_1() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-c", RUN_ALONE, "version"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr.startswith("regtune: what is printed cannot be written: No space left on device")
    assert "Traceback" not in done.stderr
