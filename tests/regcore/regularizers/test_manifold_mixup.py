"""Mixing at a random depth."""

import pytest
import torch

from regcore.lanes.randomness import fold
from regcore.regularizers.manifold_mixup import ManifoldMixup
from regcore.sites import Site

PLACES = [Site("inputs", (4,), 0, 1, 2), Site("hidden.0", (4,), 0, 2, 2), Site("hidden.1", (4,), 1, 2, 2)]
KEYS = [fold(torch.tensor(7, dtype=torch.int32), number) for number in range(300)]
ROWS = torch.eye(4)


def mixed_at(key, alpha=1.0):
    """The places at which rows are mixed by this key."""
    rule = ManifoldMixup(alpha=alpha)
    return [place for place in PLACES if not torch.equal(rule.apply(ROWS, key, place), ROWS)]


def test_a_step_mixes_at_one_place_at_most() -> None:
    assert max(len(mixed_at(key)) for key in KEYS) == 1


def test_every_depth_is_as_likely() -> None:
    drawn = [place.path for key in KEYS for place in mixed_at(key)]
    for place in PLACES:
        share = drawn.count(place.path) / len(drawn)
        assert share == pytest.approx(1 / 3, abs=4 * (2 / 9 / len(drawn)) ** 0.5)


def test_targets_are_mixed_as_the_activation_is() -> None:
    rule = ManifoldMixup(alpha=1.0)
    for key in KEYS[:20]:
        for place in mixed_at(key):
            assert torch.equal(rule.targets(ROWS, key), rule.apply(ROWS, key, place))


def test_a_mixed_row_is_an_average_of_two() -> None:
    mixed = ManifoldMixup(alpha=1.0).targets(ROWS, KEYS[0])
    torch.testing.assert_close(mixed.sum(1), torch.ones(4))
    assert (mixed > 0).sum(1).max() <= 2
    shares = mixed.diagonal()[mixed.diagonal() < 1]
    assert len(shares.unique()) <= 1


def test_at_alpha_zero_nothing_is_mixed() -> None:
    assert not any(mixed_at(key, alpha=0.0) for key in KEYS[:50])
    assert all(torch.equal(ManifoldMixup(alpha=0.0).targets(ROWS, key), ROWS) for key in KEYS[:50])
