"""Commands of other packages: listed by `regtune`, loaded when called, and given all words behind their name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint

import typer

from regtune.errors import RegtuneError

GROUP = "regtune.commands"

_OURS = ("regcore", "regtune", "service", "worker")


@dataclass(frozen=True, slots=True)
class Known:
    """What a command does, and the extra that installs what it needs."""

    summary: str
    extra: str


_KNOWN = {
    "up": Known("Run everything on this machine; Ctrl-C ends it.", "local"),
    "serve": Known("Run the HTTP API.", "server"),
    "coordinate": Known("Run a coordinator, which suggests trials.", "server"),
    "worker": Known("Run a worker, which trains.", "worker"),
    "doctor": Known("Say what this machine can train with, and what it lacks.", "worker"),
    "db": Known("Bring the database's tables up to date: db upgrade.", "server"),
}
_OTHER = Known("A command of another package.", "local")


class NotInstalled(RegtuneError):
    """A command needs more than the client."""

    def __init__(self, command: str, module: str, extra: str) -> None:
        super().__init__(f"`regtune {command}` needs {module}, which is not installed: pip install 'regtune[{extra}]'")


def add_commands(app: typer.Typer, entries: Iterable[EntryPoint]) -> None:
    """Add the commands of the entry points, those that everybody needs first."""
    order = list(_KNOWN)
    for entry in sorted(entries, key=lambda entry: order.index(entry.name) if entry.name in order else len(order)):
        known = _KNOWN.get(entry.name, _OTHER)
        passed_on = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
        app.command(entry.name, help=known.summary, context_settings=passed_on)(_command(entry, known.extra))


def _command(entry: EntryPoint, extra: str) -> Callable[[typer.Context], None]:
    def command(context: typer.Context) -> None:
        try:
            run = entry.load()
        except ModuleNotFoundError as error:
            missing = error.name or str(error)
            if missing.partition(".")[0] in _OURS:
                raise
            raise NotInstalled(entry.name, missing, extra) from error
        raise typer.Exit(run(context.args))

    return command
