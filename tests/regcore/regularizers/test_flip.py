"""Mirroring of training images."""

import pytest
import torch

from regcore.regularizers.flip import Flip
from regcore.sites import Batch

KEY = torch.tensor(3, dtype=torch.int32)
IMAGES = torch.rand(400, 2, 4, 5, generator=torch.Generator().manual_seed(0))


def apply(horizontal, vertical, key=KEY):
    return Flip(horizontal=horizontal, vertical=vertical).apply(Batch(IMAGES, torch.ones(400, 2)), key)


def mirrored(result, *axes):
    """Which of the images are mirrored along exactly these axes."""
    return (result == IMAGES.flip(axes)).flatten(start_dim=1).all(1)


def test_probabilities_of_zero_are_the_identity_to_the_bit() -> None:
    assert torch.equal(apply(0.0, 0.0).inputs, IMAGES)


def test_probability_one_mirrors_every_image() -> None:
    assert torch.equal(apply(1.0, 0.0).inputs, IMAGES.flip(-1))
    assert torch.equal(apply(0.0, 1.0).inputs, IMAGES.flip(-2))
    assert torch.equal(apply(1.0, 1.0).inputs, IMAGES.flip(-1, -2))


def test_the_probability_is_the_share_of_images_that_are_mirrored() -> None:
    share = mirrored(apply(0.25, 0.0).inputs, -1).double().mean().item()
    assert share == pytest.approx(0.25, abs=5 * (0.25 * 0.75 / 400) ** 0.5)


def test_the_two_axes_are_drawn_independently() -> None:
    result = apply(0.5, 0.5).inputs
    shares = [mirrored(result, *axes).double().mean().item() for axes in ((), (-1,), (-2,), (-1, -2))]
    assert sum(shares) == 1.0
    assert shares == pytest.approx([0.25] * 4, abs=5 * (0.25 * 0.75 / 400) ** 0.5)


def test_targets_stay_and_the_key_decides() -> None:
    batch = apply(0.5, 0.0)
    assert torch.equal(batch.targets, torch.ones(400, 2))
    assert torch.equal(batch.inputs, apply(0.5, 0.0).inputs)
    assert not torch.equal(batch.inputs, apply(0.5, 0.0, KEY + 1).inputs)


def test_each_lane_has_its_own_probabilities() -> None:
    horizontal, vertical = torch.tensor([0.0, 0.5, 1.0]), torch.tensor([1.0, 0.5, 0.0])
    lanes = torch.func.vmap(lambda *shares: apply(*shares).inputs)(horizontal, vertical)
    for lane, *shares in zip(lanes, horizontal, vertical, strict=True):
        assert torch.equal(lane, apply(*shares).inputs)
