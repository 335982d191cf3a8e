"""The sections of a benchmark that must end in time: one that fails or runs late costs its own figures alone."""

from __future__ import annotations

import json
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

Cell = TypeVar("Cell")
Figures = dict[str, Any]
"""JSON values."""


class Until:
    """A time by which to end."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """The seconds that are left, at least 0."""
        return max(0.0, self._end - time.monotonic())


class Sections:
    """Runs sections within a budget of seconds, and writes what there is after each."""

    def __init__(self, report: Figures, seconds: float, output: Path | None) -> None:
        self._report = report
        self._until = Until(seconds)
        self._output = output

    def run(self, name: str, seconds: float, measure: Callable[[Until], Mapping[str, Any]]) -> None:
        """Measures for about so many seconds at most, and not at all where not even half of them are left.

        An error is noted in the section's place.
        """
        began = time.monotonic()
        if self._until.left < seconds / 2:
            found: Figures = {"left_out": f"{self._until.left:.0f} s were left, and it takes up to {seconds:g}"}
        else:
            try:
                found = dict(measure(Until(min(seconds, self._until.left))))
            except Exception as error:
                found = failure(error)
        found["seconds"] = round(time.monotonic() - began, 2)
        self._report["sections"][name] = found
        print(f"{name}: {json.dumps(found)}", flush=True)
        if self._output:
            self._output.write_text(json.dumps(self._report, indent=1) + "\n", encoding="utf-8")


def each(cells: Iterable[Cell], measure: Callable[[Cell], Figures], until: Until) -> list[Figures]:
    """The figures of every cell; errors and cells that there was no time for are noted in their places."""
    found = []
    for cell in cells:
        name = cell if isinstance(cell, dict) else {"cell": cell}
        if until.left == 0:
            found.append({**name, "left_out": "no time was left"})
            continue
        try:
            found.append({**name, **measure(cell)})
        except Exception as error:
            found.append({**name, **failure(error)})
    return found


def failure(error: Exception) -> Figures:
    """An error as figures: what was raised, and where."""
    return {"error": f"{type(error).__name__}: {error}"[:500], "where": traceback.format_tb(error.__traceback__)[-1]}
