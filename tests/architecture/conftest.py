"""What the tests of the house share: the checkout, its files, and Pythons that have loaded nothing yet."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder that holds the packages, `run` and `pyproject.toml`."""
    return CHECKOUT


@pytest.fixture(scope="session")
def files(checkout: Path) -> tuple[Path, ...]:
    """Every file that belongs to the project, relative to the checkout: tracked ones, and new ones not ignored."""
    if not (checkout / ".git").exists():
        pytest.skip("needs the git checkout to know which files are the project's")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return tuple(Path(name) for name in sorted(set(listed.split("\0")) - {""}) if (checkout / name).exists())


@pytest.fixture(scope="session")
def fresh_python() -> Callable[[str], str]:
    """Runs code in a Python of its own, with none of our settings, and gives what it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REGTUNE_")}

    def run(code: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
