"""The script `run`: what it sets up and when, seen with a Python that notes what it is asked to install."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PYTHON = """#!/bin/sh
# Makes environments that hold copies of itself, notes what pip is to install, and leaves the rest to the real Python.
case "$1 $2" in
    "-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && cp uv "$3/bin/uv" ;;
    "-m pip") echo "pip $*" >>installed ;;
    *) exec {python} "$@" ;;
esac
"""
UV = """#!/bin/sh
echo "uv $*" >>installed
exit {code}
"""


class Clone:
    """A folder with the files that setting up reads, and the Python that notes."""

    def __init__(self, folder: Path, checkout: Path) -> None:
        self.folder = folder
        for name in ("run", "pyproject.toml", "constraints.txt"):
            shutil.copy(checkout / name, folder)
        self.write("python", PYTHON.format(python=sys.executable))
        self.let_uv_end_with(0)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)
        (self.folder / name).chmod(0o755)

    def let_uv_end_with(self, code: int) -> None:
        self.write("uv", UV.format(code=code))

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.folder / "run", *words],
            env={"PATH": "/usr/bin:/bin", "PYTHON": str(self.folder / "python")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str) -> tuple[int, str]:
        """Exit code and what was written to stderr."""
        process = self.start(*words)
        _, errors = process.communicate(timeout=60)
        return process.returncode, errors

    def installed(self) -> list[str]:
        """The programs that were asked to install something, in order."""
        log = self.folder / "installed"
        return [line.split()[0] for line in log.read_text().splitlines()] if log.exists() else []


@pytest.fixture
def clone(tmp_path: Path, checkout: Path) -> Clone:
    return Clone(tmp_path, checkout)


def test_setting_up_installs_torch_by_pip_and_the_rest_by_uv(clone: Clone) -> None:
    assert clone.run("setup")[0] == 0
    assert clone.installed() == ["pip", "uv"]


def test_every_installation_is_held_to_the_constraints(clone: Clone) -> None:
    clone.run("setup")
    assert all("-c constraints.txt" in line for line in (clone.folder / "installed").read_text().splitlines())


def test_a_second_call_has_nothing_to_do(clone: Clone) -> None:
    clone.run("setup")
    assert clone.run("setup") == (0, "")
    assert clone.installed() == ["pip", "uv"]


def test_changed_dependencies_are_installed(clone: Clone) -> None:
    clone.run("setup")
    with (clone.folder / "pyproject.toml").open("a") as file:
        file.write("# changed\n")
    clone.run("setup")
    assert clone.installed() == ["pip", "uv", "pip", "uv"]


def test_pip_takes_over_where_uv_fails(clone: Clone) -> None:
    clone.let_uv_end_with(2)
    assert clone.run("setup")[0] == 0
    assert clone.installed() == ["pip", "uv", "pip"]


def test_two_at_once_install_once(clone: Clone) -> None:
    both = [clone.start("setup"), clone.start("setup")]
    for process in both:
        process.communicate(timeout=60)
    assert [process.returncode for process in both] == [0, 0]
    assert clone.installed() == ["pip", "uv"]


def test_an_environment_of_another_folder_is_made_anew(clone: Clone, tmp_path: Path) -> None:
    clone.run("setup")
    moved = tmp_path.with_name(f"{tmp_path.name}-moved")
    tmp_path.rename(moved)
    (moved / ".venv" / "left-over").touch()
    subprocess.run([moved / "run", "setup"], env={"PATH": "/usr/bin:/bin", "PYTHON": str(moved / "python")}, check=True)
    assert not (moved / ".venv" / "left-over").exists()


def test_a_machine_without_a_fitting_python_is_told_so(clone: Clone) -> None:
    clone.write("python", "#!/bin/sh\nexit 1\n")
    for name in ("cat", "cksum", "dirname"):
        (clone.folder / name).symlink_to(str(shutil.which(name)))
    done = subprocess.run(
        ["/bin/sh", clone.folder / "run", "setup"],
        env={"PATH": str(clone.folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "needs Python 3.11 or newer" in done.stderr


@pytest.mark.parametrize("words", [("dance",), ("demo", "--dance")])
def test_what_it_does_not_know_is_refused_before_anything_happens(words: tuple[str, ...], clone: Clone) -> None:
    code, errors = clone.run(*words)
    assert (code, clone.installed()) == (2, [])
    assert "./run setup" in errors


def test_make_forwards_to_it(clone: Clone, checkout: Path) -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("needs make")
    shutil.copy(checkout / "Makefile", clone.folder)
    environment = {"PATH": "/usr/bin:/bin", "PYTHON": str(clone.folder / "python")}
    subprocess.run([make, "setup"], cwd=clone.folder, env=environment, check=True, capture_output=True)
    assert clone.installed() == ["pip", "uv"]
