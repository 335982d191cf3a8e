"""Recorded tables of trials as problems: what a setting is worth is told by the recorded ones nearest to it.

A surrogate: the mean loss of the five recorded settings that are nearest, their distance being measured on each
dimension's own scale, from 0 to 1. A gate or a choice that differs counts as 1; a dimension that one of the two does
not have counts as 0 beside the gate that took it away. Each trial of a table was trained once, and the mean evens out
its luck. A trial that diverged counts as the worst that did not.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from regtune.space import Dimension, SearchSpace
from service.coordinator.draws import share_of
from service.coordinator.sampler import Point

FOLDER = Path(__file__).parent / "recorded"
NEIGHBOURS = 5

Floats = npt.NDArray[np.float64]


class Recorded:
    """A table as a problem; all its instances are the same, so that seeds tell searches apart, not problems.

    A search at random with the seed of the table's draws would meet exactly its settings.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self.name = f"recorded {document['table']}"
        self.space = SearchSpace(tuple(_dimension(each) for each in document["dimensions"]))
        self._is_number = np.array([each.low is not None for each in self.space])
        self._places = np.array([self._place_of(row[:-1]) for row in document["trials"]])
        losses = np.array([row[-1] for row in document["trials"]], dtype=np.float64)
        self._losses = np.where(np.isnan(losses), np.nanmax(losses), losses)
        self._least = float(np.sort(self._losses)[:NEIGHBOURS].mean())
        self.seed_of_draws = int(document["seed_of_draws"])

    def loss(self, seed: int, point: Point) -> float:
        """By how much a point's loss lies above the mean of the least recorded ones, which none can lie below."""
        return self._mean_nearby(self._place_of([point.get(each.name) for each in self.space])) - self._least

    def reported(self, seed: int, number: int, point: Point) -> float:
        """What a trial reports: the loss, without noise."""
        return self.loss(seed, point)

    def _place_of(self, values: list[Any]) -> Floats:
        """The share of each dimension, NaN where there is no value."""
        return np.array(
            [np.nan if value is None else share_of(at, value) for at, value in zip(self.space, values, strict=True)]
        )

    def _mean_nearby(self, place: Floats) -> float:
        away = np.abs(self._places - place)
        away = np.where(np.isnan(away), 0.0, np.where(self._is_number, away, away > 0))
        nearest = np.argpartition(np.square(away).sum(axis=1), NEIGHBOURS)[:NEIGHBOURS]
        return float(self._losses[nearest].mean())


@cache
def recorded_tables() -> tuple[Recorded, ...]:
    """All the tables that are kept, by name."""
    return tuple(Recorded(json.loads(path.read_text(encoding="utf-8"))) for path in sorted(FOLDER.glob("*.json")))


def _dimension(document: dict[str, Any]) -> Dimension:
    return Dimension(**{**document, "choices": tuple(document["choices"])})
