"""What commands print: JSON for programs, tables for people.

Data goes to standard output, the rest to standard error. Nothing that is printed for people is markup, and nothing in
it can steer the terminal: names come from whoever made the study.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

# In a file or a pipe nothing is wrapped: a line there is for grep, and is as long as it is.
_UNWRAPPED_COLUMNS = 100_000


def print_json(document: object) -> None:
    """A document, for programs; in ASCII, which every program reads."""
    print(json.dumps(document, indent=2))


def show(content: Table | str = "") -> None:
    """A table or a line, for people."""
    content = plain(content) if isinstance(content, str) else content
    if sys.stdout.isatty():
        Console(highlight=False, markup=False, emoji=False).print(content)
        return
    text = StringIO()
    unwrapped = Console(
        file=text, width=_UNWRAPPED_COLUMNS, highlight=False, markup=False, emoji=False, force_terminal=False
    )
    unwrapped.print(content)
    for line in text.getvalue().splitlines():
        print(line.rstrip())


def note(text: str) -> None:
    """A remark beside the data."""
    print(plain(text), file=sys.stderr, flush=True)


def plain(text: str) -> str:
    """The text on one line, with what is no visible character replaced."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A table of plain texts; where it is too wide for the terminal, its last column is wrapped."""
    found = Table(box=None, pad_edge=False)
    for heading in headings[:-1]:
        found.add_column(Text(heading), no_wrap=True)
    found.add_column(Text(headings[-1]), overflow="fold")
    for row in rows:
        found.add_row(*(Text(plain(str(cell))) for cell in row))
    return found


def number(value: float | None) -> str:
    """A number for people: four decimals, four digits where it is small; a dash where there is none."""
    if value is None:
        return "–"
    return f"{value:.4g}" if abs(value) < 1e-3 else f"{value:.4f}"


def value_text(value: object) -> str:
    """A hyperparameter's value for people."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def setting_rows(setting: Mapping[str, object]) -> list[tuple[str, str]]:
    """A setting as rows of a table."""
    return [(name, value_text(value)) for name, value in setting.items()]
