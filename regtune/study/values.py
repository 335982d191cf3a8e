"""Values of a document: which of them are numbers or lines of text, and how an error message shows them."""

from __future__ import annotations

import json
import math
import re

_SHOWN_CHARACTERS = 60
_NOT_IN_A_LINE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def shown(value: object) -> str:
    """A value as an error message shows it: JSON, cut to a line."""
    if isinstance(value, float):
        return format(value, ".12g").replace("e-0", "e-")
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 1]}…"


def is_line(text: str) -> bool:
    """Whether a text is one line that any database takes: no control characters, no half of a surrogate pair."""
    return _NOT_IN_A_LINE.search(text) is None


def real_number(value: object) -> float | None:
    """A finite number as a float, or None: neither booleans nor numerals in quotes are numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def whole_number(value: object) -> int | None:
    """A whole number, also one written 3.0, or None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, float) and value.is_integer() else None
