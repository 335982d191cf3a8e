"""Marks of Markdown that the pages share: tables, lists of links, and the note that says where a page comes from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

NOTE = "<!-- Written by `python -m regcore.publish` from regcore/regularizers/; edit there. -->"


def document(parts: Iterable[str]) -> str:
    """A page of these parts, an empty line between them."""
    return "\n\n".join(parts) + "\n"


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; whatever is in its cells stays in them."""
    lines = [[f"{cell}".replace("|", r"\|") for cell in row] for row in [headings, *rows]]
    head, *body = [f"| {' | '.join(line)} |" for line in lines]
    return "\n".join([head, f"|{'---|' * len(headings)}", *body])


def links(kinds: Iterable[str]) -> str:
    """Links to the pages of these kinds."""
    return ", ".join(f"[`{kind}`]({kind}.md)" for kind in kinds)
