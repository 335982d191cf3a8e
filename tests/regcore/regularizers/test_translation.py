"""Translation of training images."""

import pytest
import torch

from regcore.regularizers.translation import Translation, translated
from regcore.sites import Batch

KEY = torch.tensor(3, dtype=torch.int32)
IMAGES = torch.rand(6, 2, 8, 10, generator=torch.Generator().manual_seed(0))


def apply(images, share, key=KEY):
    return Translation(share=share).apply(Batch(images, torch.ones(len(images), 2)), key)


def centers(images):
    """Where the mass of each image lies from its center, as shares (x, y) of its width and height."""
    height, width = images.shape[-2:]
    weight = images[:, 0] / images[:, 0].sum((1, 2), keepdim=True)
    x = (weight * (torch.arange(width) - (width - 1) / 2)).sum((1, 2)) / width
    y = (weight * (torch.arange(height) - (height - 1) / 2)[:, None]).sum((1, 2)) / height
    return x, y


def dots(count):
    images = torch.zeros(count, 1, 21, 41)
    images[:, :, 10, 20] = 1
    return images


def test_no_distance_is_the_identity_to_the_bit() -> None:
    assert torch.equal(apply(IMAGES, 0.0).inputs, IMAGES)


def test_whole_pixels_move_right_and_down_and_leave_zeros() -> None:
    moved = translated(IMAGES, torch.tensor([[0.2, 0.25]]).expand(6, 2))
    torch.testing.assert_close(moved[:, :, 2:, 2:], IMAGES[:, :, :-2, :-2])
    assert not moved[:, :, :2].any()
    assert not moved[:, :, :, :2].any()


def test_half_a_pixel_is_the_mean_of_two() -> None:
    moved = translated(IMAGES, torch.tensor([[0.05, 0.0]]).expand(6, 2))
    torch.testing.assert_close(moved[..., 1:], (IMAGES[..., 1:] + IMAGES[..., :-1]) / 2)


def test_distances_are_uniform_up_to_the_share_of_each_side_and_independent() -> None:
    x, y = centers(apply(dots(1000), 0.3).inputs)
    for shift in (x, y):
        assert shift.abs().max() <= 0.3 + 1e-6
        assert shift.mean().item() == pytest.approx(0.0, abs=5 * 0.3 / (3 * 1000) ** 0.5)
        assert shift.std().item() == pytest.approx(0.3 / 3**0.5, rel=0.1)
    assert torch.corrcoef(torch.stack([x, y]))[0, 1].item() == pytest.approx(0.0, abs=5 / 1000**0.5)


def test_targets_stay_and_the_key_decides() -> None:
    batch = apply(IMAGES, 0.2)
    assert torch.equal(batch.targets, torch.ones(6, 2))
    assert torch.equal(batch.inputs, apply(IMAGES, 0.2).inputs)
    assert not torch.equal(batch.inputs, apply(IMAGES, 0.2, KEY + 1).inputs)


def test_each_lane_has_its_own_share() -> None:
    shares = torch.tensor([0.0, 0.1, 0.5])
    lanes = torch.func.vmap(lambda share: apply(IMAGES, share).inputs)(shares)
    for lane, share in zip(lanes, shares, strict=True):
        torch.testing.assert_close(lane, apply(IMAGES, share).inputs)
