"""Following a study: a live line in a terminal, now and then a plain one elsewhere; both on standard error."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column

from regtune.cli.output import note, number, plain

Json = dict[str, Any]
_PLAIN_EVERY_SECONDS = 2.0
_ENDED = ("completed", "pruned", "failed", "cancelled")


def follow(changes: Iterable[Json]) -> Json:
    """Show the changes of a study as they come; gives the last of them."""
    console = Console(stderr=True, markup=False, emoji=False)
    if sys.stderr.isatty() and not console.is_dumb_terminal and not os.environ.get("CI"):
        return _live(changes, console)
    return _plain(changes)


def progress_line(study: Json) -> str:
    """One line: the state, how many trials have ended, and the rest of what is known."""
    return f"{study['state']}: {_ended(study)} of {study['budget']['trials']} trials ({_details(study)})"


def _ended(study: Json) -> int:
    return sum(study["progress"][state] for state in _ENDED)


def _details(study: Json) -> str:
    """The best value so far, how the trials ended, how long the rest may take, and why nothing runs."""
    progress, best = study["progress"], study["best"]
    parts = [] if best is None else [f"best {study['objective']['metric']} {number(best['value'])}"]
    parts += [f"{progress[state]} {state}" for state in (*_ENDED, "running") if progress[state]]
    if progress["eta_seconds"]:
        parts.append(f"about {progress['eta_seconds']:.0f} s left")
    if study["waiting"]:
        parts.append(f"waiting: {study['waiting']}")
    return plain(", ".join(parts) or "nothing yet")


def _plain(changes: Iterable[Json]) -> Json:
    study: Json = {}
    said, said_at = "", -_PLAIN_EVERY_SECONDS
    for study in changes:
        line = progress_line(study)
        if line != said and time.monotonic() - said_at >= _PLAIN_EVERY_SECONDS:
            note(line)
            said, said_at = line, time.monotonic()
    if (line := progress_line(study)) != said:
        note(line)
    return study


def _live(changes: Iterable[Json], console: Console) -> Json:
    study: Json = {}
    # The details take what the other columns leave, and are cut where that is too little.
    rest = Column(ratio=1, no_wrap=True, overflow="ellipsis")
    details = TextColumn("{task.description}", markup=False, table_column=rest)
    columns = (BarColumn(16), MofNCompleteColumn(), TimeElapsedColumn(), details)
    with Progress(*columns, console=console, expand=True) as bar:
        task: TaskID | None = None
        for study in changes:
            if task is None:
                task = bar.add_task("", total=study["budget"]["trials"])
            bar.update(task, completed=_ended(study), description=f"{study['state']}: {_details(study)}")
    return study
