"""The commands of other packages, which a client-only installation may lack."""

from __future__ import annotations

import sys
import types
from importlib.metadata import EntryPoint

import pytest
import typer
from typer.testing import CliRunner

from regtune.cli.elsewhere import GROUP, NotInstalled, add_commands


def app_with(*entries: EntryPoint) -> typer.Typer:
    """An application with one command of its own, and those of the entry points."""
    app = typer.Typer(rich_markup_mode=None)
    app.command("version")(lambda: None)
    add_commands(app, entries)
    return app


def entry(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, GROUP)


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The words that the package `elsewhere` was given; its command ends with 7."""
    given: list[str] = []

    def main(arguments: list[str]) -> int:
        given.extend(arguments)
        return 7

    module = types.ModuleType("elsewhere")
    module.__dict__["main"] = main
    monkeypatch.setitem(sys.modules, "elsewhere", module)
    return given


def test_all_words_behind_its_name_are_passed_on(words: list[str]) -> None:
    said = ["--help", "--port", "0", "-x", "rest"]
    result = CliRunner().invoke(app_with(entry("up", "elsewhere:main")), ["up", *said])
    assert words == said
    assert result.exit_code == 7


def test_they_are_listed_without_being_loaded() -> None:
    listed = CliRunner().invoke(app_with(entry("up", "no.such.module:main")), ["--help"])
    assert listed.exit_code == 0
    assert "Run everything on this machine" in listed.stdout


def test_up_is_listed_first() -> None:
    app = app_with(*(entry(name, "elsewhere:main") for name in ("a_plugin", "db", "up")))
    listed = CliRunner().invoke(app, ["--help"]).stdout
    assert listed.index("  up ") < listed.index("  db ") < listed.index("  a_plugin ")


def test_one_that_is_not_installed_says_what_to_install() -> None:
    missing = CliRunner().invoke(app_with(entry("up", "no_such_module:main")), ["up"]).exception
    assert isinstance(missing, NotInstalled)
    assert str(missing) == "`regtune up` needs no_such_module, which is not installed: pip install 'regtune[local]'"


def test_a_fault_of_our_own_is_not_blamed_on_the_installation() -> None:
    fault = CliRunner().invoke(app_with(entry("up", "service.no_such_module:main")), ["up"]).exception
    assert isinstance(fault, ModuleNotFoundError)


def test_without_any_the_client_has_its_own_commands() -> None:
    app = typer.Typer(rich_markup_mode=None)
    app.command("version")(lambda: None)
    app.command("status")(lambda: None)
    add_commands(app, ())
    listed = CliRunner().invoke(app, ["--help"])
    assert listed.exit_code == 0
    assert "up" not in listed.stdout.split()
