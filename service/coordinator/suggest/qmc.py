"""Quasi-random search: a scrambled Sobol sequence, which covers the space more evenly than independent draws.

SciPy's generator is used rather than Optuna's sampler because it is addressed by index: a point is a function of
(study seed, index), where Optuna's counts what it has given out in its own storage, and so depends on its life.

Sources: Sobol' (1967), doi:10.1016/0041-5553(67)90144-9; scrambling as in Matoušek (1998), doi:10.1006/jcom.1998.0489.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import qmc

from regtune.setting import Value
from regtune.space import Dimension, SearchSpace
from service.coordinator.draws import PROGRAM_BLOCK_TRIALS, draw, place, seed_from
from service.coordinator.sampler import Point, Sampler


def build(space: SearchSpace, seed: int) -> Sampler:
    """The sampler of a study with this space and seed."""
    return QuasiRandomSampler(space, seed)


class QuasiRandomSampler(Sampler):
    """Two sequences: one over the dimensions of a lane, by rank, one over those of the program, by block of numbers.

    Every dimension has a coordinate of its own, which is passed over where a false gate leaves the dimension out.
    """

    def __init__(self, space: SearchSpace, seed: int) -> None:
        self._space = space
        lane = [at.name for at in space.dimensions if at.per == "lane"]
        program = [at.name for at in space.dimensions if at.per == "program"]
        self._lane = SobolSequence(lane, seed_from(seed, "qmc", "lane"))
        self._program = SobolSequence(program, seed_from(seed, "qmc", "program"))

    def suggest(self, number: int, rank: int) -> Point:
        """The point of trial `number`, the `rank`-th of the sequence."""
        units = self._lane.at(rank) | self._program.at(number // PROGRAM_BLOCK_TRIALS)

        def value_of(dimension: Dimension) -> Value:
            return place(dimension, units[dimension.name])

        return draw(self._space, value_of)


class SobolSequence:
    """A scrambled Sobol sequence with one named coordinate for each dimension, addressed by index (below 2³⁰)."""

    def __init__(self, names: list[str], seed: int) -> None:
        self._names = names
        self._engine = qmc.Sobol(len(names), scramble=True, rng=np.random.default_rng(seed)) if names else None

    def at(self, index: int) -> dict[str, float]:
        """Name → coordinate in [0, 1) of the point at `index`, from 0."""
        if self._engine is None:
            return {}
        if index < self._engine.num_generated:
            self._engine.reset()
        if index > self._engine.num_generated:
            self._engine.fast_forward(index - self._engine.num_generated)
        return dict(zip(self._names, self._engine.random(1)[0].tolist(), strict=True))
