"""Costs: what a step with each regularizer takes beside a plain step, as `benchmarks.regularizer_cost` found it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PATH = Path(__file__).parents[1] / "benchmarks" / "results" / "regularizer-cost.json"
"""Where a checkout keeps what was measured."""


@dataclass(frozen=True, slots=True)
class Cost:
    """One kind's cost: how many times a plain step its step takes, the median of the rounds, their least and most.

    `work` is what it needs: "elementwise", "product" or "passes". `network` is the class of the one it was measured in.
    `graphs` is how many were compiled for it.
    """

    kind: str
    median: float
    low: float
    high: float
    work: str
    network: str
    graphs: int


def costs(path: Path = PATH) -> Mapping[str, Cost]:
    """The costs by kind, the cheapest first; none where nothing was measured yet."""
    if not path.exists():
        return {}
    rows = json.loads(path.read_text(encoding="utf-8"))["kinds"]
    found = [
        Cost(row["kind"], **row["ratio"], work=row["class"], network=row["network"], graphs=row["graphs"])
        for row in rows
    ]
    return {cost.kind: cost for cost in sorted(found, key=lambda cost: (cost.median, cost.kind))}
