"""Docstrings: what the module of a declared class says of it, the source it names, and what its tests compare with."""

from __future__ import annotations

import inspect
import sys
from typing import NamedTuple

_SOURCE, _PARITY = "Source:", "Parity:"


class Documentation(NamedTuple):
    """A module's text in Markdown, its source, and its parity: what its tests compare with, "" if it does not say."""

    doc: str
    source: str
    parity: str


def documentation(declared: type) -> Documentation:
    """What a class's module says of it: its text, and what follows "Source:" and then "Parity:" at its end.

    Raises:
        ValueError: the module names no source.
    """
    text = inspect.cleandoc(sys.modules[declared.__module__].__doc__ or "")
    text, _, parity = text.partition(_PARITY)
    doc, mark, source = text.rpartition(_SOURCE)
    if not mark or not source.strip():
        raise ValueError(f"the docstring of {declared.__module__} ends with no “{_SOURCE} …”; name paper and DOI there")
    return Documentation(doc.strip(), _sentence(source), _sentence(parity))


def _sentence(text: str) -> str:
    return " ".join(text.split()).removesuffix(".")
