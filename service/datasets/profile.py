"""Profiles: what a user wants to see of columns, target and pixels before a study, in numbers that JSON can hold."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from polars import Series

from service.datasets.imported import ColumnFacts
from service.datasets.meta import ColumnKind
from service.datasets.targets import Target

_SHOWN_CATEGORIES = 10
_SHOWN_CHARACTERS = 100


def column_profile(facts: ColumnFacts, cells: Series, kind: ColumnKind) -> dict[str, Any]:
    """A column's facts, its share of missing cells, and statistics of the numbers or the most frequent categories."""
    found = _statistics(cells) if kind == "numeric" else {"most_frequent": _most_frequent(cells)}
    return {**facts.to_json(), "missing_share": facts.missing / len(cells), **found}


def target_profile(name: str, target: Target) -> dict[str, Any]:
    """The target's classes and their rows, or its statistics."""
    if target.classes is None or target.class_counts is None:
        return {"name": name, "task": target.task, **_statistics(target.cells)}
    total = sum(target.class_counts)
    balance = [
        {"class": found, "rows": rows, "share": rows / total}
        for found, rows in zip(target.classes, target.class_counts, strict=True)
    ]
    return {"name": name, "task": target.task, "classes": balance}


def pixel_profile(pixels: NDArray[Any]) -> dict[str, Any]:
    """The range and the mean of all pixels, as they are stored."""
    return {
        "type": str(pixels.dtype),
        "minimum": float(pixels.min()),
        "mean": float(pixels.mean(dtype=np.float64)),
        "maximum": float(pixels.max()),
    }


def _statistics(numbers: Series) -> dict[str, float | None]:
    present = numbers.drop_nulls().to_numpy()
    if len(present) == 0:
        return dict.fromkeys(("minimum", "median", "mean", "deviation", "maximum"))
    return {
        "minimum": float(present.min()),
        "median": float(np.median(present)),
        "mean": float(present.mean()),
        "deviation": float(present.std()),
        "maximum": float(present.max()),
    }


def _most_frequent(names: Series) -> list[dict[str, Any]]:
    counted = sorted(names.drop_nulls().value_counts().iter_rows(), key=lambda found: (-found[1], found[0]))
    return [{"category": name[:_SHOWN_CHARACTERS], "rows": rows} for name, rows in counted[:_SHOWN_CATEGORIES]]
