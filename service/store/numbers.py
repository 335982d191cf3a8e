"""Floats as the database keeps them: a value that is NULL unless finite, and a kind beside it.

SQLite turns NaN into NULL, Postgres sorts it above all numbers and JSON cannot say it, so no column holds one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

Kind = Literal["finite", "nan", "+inf", "-inf"]
KINDS: tuple[Kind, ...] = ("finite", "nan", "+inf", "-inf")

_VALUES: Mapping[str, float] = {"nan": math.nan, "+inf": math.inf, "-inf": -math.inf}


def stored(number: float) -> tuple[float | None, Kind]:
    """The value and the kind to store."""
    if math.isfinite(number):
        return number, "finite"
    if math.isnan(number):
        return None, "nan"
    return None, "+inf" if number > 0 else "-inf"


def loaded(value: float | None, kind: str | None) -> float | None:
    """The inverse of `stored`; None where nothing was stored."""
    return value if kind is None or kind == "finite" else _VALUES[kind]


def finite_or_none(number: float | None) -> float | None:
    """The number, or None where it is missing or not finite."""
    return number if number is not None and math.isfinite(number) else None


def finite_document(document: Mapping[str, Any]) -> dict[str, Any]:
    """A flat JSON document with null for each number that is not finite."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in document.items()
    }
