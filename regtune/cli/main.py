"""The command `regtune`: its own commands, and those that a server or a worker installation adds."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.metadata import entry_points
from io import TextIOWrapper
from typing import NoReturn

import typer

from regtune.cli import best, run, status, stop, submit, trials, validate, version
from regtune.cli.elsewhere import GROUP, add_commands
from regtune.cli.exits import exit_code


def application() -> typer.Typer:
    """All commands."""
    app = typer.Typer(
        name="regtune",
        help="Finds the regularization a neural network needs. The server is REGTUNE_URL, or that of `regtune up`.",
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    for module in (run, submit, validate, status, trials, best, stop, version):
        app.command(module.NAME)(module.command)
    add_commands(app, entry_points(group=GROUP))
    return app


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and end the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character shows another, instead of ending the command.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    words = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(exit_code(lambda: application()(words, prog_name="regtune")))
