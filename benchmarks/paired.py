"""Paired comparisons: by how much one contestant's runs differ from another's on the same instances, and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RESAMPLES = 4000
LEVEL = 0.95
_SEED = 20_260_101

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Difference:
    """A mean difference and its bootstrap interval; below 0 the first contestant is the better."""

    mean: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """Whether the first contestant won, lost or tied; a tie is an interval that contains 0."""
        if self.high < 0:
            return "won"
        return "lost" if self.low > 0 else "tied"

    def to_json(self) -> dict[str, object]:
        """The difference as JSON values."""
        ends = {"mean": round(self.mean, 4), "low": round(self.low, 4), "high": round(self.high, 4)}
        return {**ends, "verdict": self.verdict}


def difference(of_instances: Sequence[Floats]) -> Difference:
    """The mean over problems of their mean differences, with runs resampled within each problem.

    `of_instances` holds for each problem the differences of its runs, `(runs,)`.
    """
    random = np.random.default_rng(_SEED)
    means = np.zeros(RESAMPLES)
    for runs in of_instances:
        picks = random.integers(len(runs), size=(RESAMPLES, len(runs)))
        means += runs[picks].mean(axis=1) / len(of_instances)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Difference(float(np.mean([runs.mean() for runs in of_instances])), float(low), float(high))
