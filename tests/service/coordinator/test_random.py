"""Random draws are independent of each other and of the dimensions beside them."""

from __future__ import annotations

from regtune.space import Dimension, SearchSpace
from service.coordinator import suggest


def test_adding_a_dimension_leaves_the_other_draws_as_they_were(mixed_space: SearchSpace) -> None:
    more = SearchSpace((Dimension("swa.start", "real", low=0.0, high=1.0), *mixed_space.dimensions))
    before, after = (suggest.build("random", space, seed=7) for space in (mixed_space, more))
    for number in range(50):
        point = dict(after.suggest(number, number) or {})
        del point["swa.start"]
        assert point == before.suggest(number, number)


def test_draws_are_uniform_on_a_logarithmic_scale(bowl_space: SearchSpace) -> None:
    sampler = suggest.build("random", bowl_space, seed=7)
    below = sum(float((sampler.suggest(number, number) or {})["y"]) < 1e-3 for number in range(2000))
    assert 900 < below < 1100
