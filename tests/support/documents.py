"""The commands in a Markdown page: its fenced blocks, by the heading that they stand under."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language and its text, the last newline included."""

    language: str
    text: str


def section(page: Path, heading: str) -> str:
    """The text under a heading of the second level, to the next one.

    Raises:
        KeyError: the page has no such heading.
    """
    parts = re.split(r"^## (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))[heading]


def blocks(text: str, *languages: str) -> list[Block]:
    """The fenced blocks in the languages, in order."""
    found = [Block(language, block) for language, block in _FENCE.findall(text)]
    return [block for block in found if block.language in languages]
