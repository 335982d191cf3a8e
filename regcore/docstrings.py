"""Docstrings: what the module of a declared class says of it, and the source it names."""

from __future__ import annotations

import inspect
import sys

_SOURCE = "Source:"


def documentation(declared: type) -> tuple[str, str]:
    """What a class's module says of it, in Markdown: the text, and the source that follows "Source:" at its end.

    Raises:
        ValueError: the module names no source.
    """
    text = inspect.cleandoc(sys.modules[declared.__module__].__doc__ or "")
    doc, mark, source = text.rpartition(_SOURCE)
    if not mark or not source.strip():
        raise ValueError(f"the docstring of {declared.__module__} ends with no “{_SOURCE} …”; name paper and DOI there")
    return doc.strip(), " ".join(source.split()).removesuffix(".")
