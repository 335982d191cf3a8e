"""The repository's hygiene: small named files, unique tests, nothing of one machine in it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

LONGEST_FILE_LINES = 300
LARGEST_FILE_BYTES = 1_000_000
PACKAGES = ("regcore", "regtune", "service", "worker")
VENDORED = Path("service/api/static/swagger_ui")
NAMELESS = frozenset({"utils", "util", "helpers", "helper", "common", "base", "misc"})
HOSTS = re.compile(r"https?://[\w.-]*(?:pypi|pythonhosted|pytorch\.org/whl|registry\.npmjs)[\w./-]*")
MACHINE_PATHS = re.compile(r"(?<![\w.$-])/(?:home|Users|root|work)/[\w.-]+")
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX)\b|raise NotImplementedError\(\)")


@pytest.fixture(scope="module")
def texts(checkout: Path, files: tuple[Path, ...]) -> dict[Path, str]:
    """Every text file that was written here but this one, which names what must not be named."""
    found = {}
    for file in files:
        if (checkout / file) != Path(__file__).resolve() and VENDORED not in file.parents:
            try:
                found[file] = (checkout / file).read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
    return found


def test_no_python_file_of_a_package_is_long(texts: dict[Path, str]) -> None:
    long = {
        str(file): lines
        for file, text in texts.items()
        if file.suffix == ".py" and file.parts[0] in PACKAGES and (lines := text.count("\n")) > LONGEST_FILE_LINES
    }
    assert not long


def test_no_file_is_large(checkout: Path, files: tuple[Path, ...]) -> None:
    ours = [file for file in files if VENDORED not in file.parents]
    assert not [str(file) for file in ours if (checkout / file).stat().st_size > LARGEST_FILE_BYTES]


def test_every_test_file_has_a_name_of_its_own(files: tuple[Path, ...]) -> None:
    names = Counter(file.name for file in files if file.parts[0] == "tests" and file.name.startswith("test_"))
    assert not [name for name, count in names.items() if count > 1]


def test_the_tests_are_no_package(files: tuple[Path, ...]) -> None:
    assert not [str(file) for file in files if file.parts[0] == "tests" and file.name == "__init__.py"]


def test_every_file_is_a_thing_that_has_a_name(files: tuple[Path, ...]) -> None:
    assert not [str(file) for file in files if NAMELESS & {file.stem, *file.parts[:-1]}]


def test_every_python_file_says_what_it_is(texts: dict[Path, str]) -> None:
    silent = [
        str(file) for file, text in texts.items() if file.suffix == ".py" and not ast.get_docstring(ast.parse(text))
    ]
    assert not silent


@pytest.mark.parametrize("pattern", [HOSTS, MACHINE_PATHS, UNFINISHED], ids=["registry host", "path", "unfinished"])
def test_nothing_of_one_machine_or_moment_is_left(pattern: re.Pattern[str], texts: dict[Path, str]) -> None:
    assert not {str(file): found for file, text in texts.items() if (found := pattern.findall(text))}


def test_the_constraints_name_versions_and_no_place_to_get_them(checkout: Path) -> None:
    lines = [line for line in (checkout / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert lines
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+( ; .+)?", line) for line in lines)


def test_the_scripts_can_be_run(checkout: Path) -> None:
    assert all((checkout / script).stat().st_mode & 0o111 for script in ("run", ".ci/run"))
