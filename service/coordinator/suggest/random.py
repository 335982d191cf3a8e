"""Random search: every dimension drawn by itself, uniform on its scale.

Source: Bergstra and Bengio (2012), "Random search for hyper-parameter optimization", JMLR 13, 281–305.
"""

from __future__ import annotations

from dataclasses import dataclass

from regtune.setting import Value
from regtune.space import Dimension, SearchSpace
from service.coordinator.draws import counter_of, draw, place, unit_from
from service.coordinator.sampler import Point, Sampler


def build(space: SearchSpace, seed: int) -> Sampler:
    """The sampler of a study with this space and seed."""
    return RandomSampler(space, seed)


@dataclass(frozen=True)
class RandomSampler(Sampler):
    """Draws keyed by (study seed, trial number, dimension name): adding a dimension leaves the others as they were."""

    space: SearchSpace
    seed: int

    def suggest(self, number: int, rank: int) -> Point:
        """The point of trial `number`; random search never runs out."""

        def value_of(dimension: Dimension) -> Value:
            return place(dimension, unit_from(self.seed, "random", counter_of(dimension, number), dimension.name))

        return draw(self.space, value_of)
