"""The nearest name to a misspelt one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LEAST_LIKENESS = 0.6
_LISTED_NAMES = 32


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name most like the one given, or None where nothing is at all like it; case and dashes do not count."""
    by_spelling = {_spelling(known): known for known in names}
    found = difflib.get_close_matches(_spelling(name), by_spelling, n=1, cutoff=_LEAST_LIKENESS)
    return by_spelling[found[0]] if found else None


def suggestion(name: str, names: Iterable[str]) -> str:
    """What to write instead of an unknown name: the nearest one, or all of them where none is near."""
    known = list(names)
    near = nearest(name, known)
    if near is not None:
        return f'did you mean "{near}"?'
    if not known:
        return "there are none"
    more = f" and {len(known) - _LISTED_NAMES} more" if len(known) > _LISTED_NAMES else ""
    return f"there are {', '.join(known[:_LISTED_NAMES])}{more}"


def _spelling(name: str) -> str:
    return name.casefold().replace("-", "_").replace(" ", "_")
