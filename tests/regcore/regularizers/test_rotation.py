"""Rotation of training images."""

import math

import pytest
import torch
from torch.nn import functional

from regcore.regularizers.rotation import Rotation, rotated
from regcore.sites import Batch

KEY = torch.tensor(3, dtype=torch.int32)


def noise(shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def dot(size=33):
    """A smooth dot straight to the right of the center, `[1, 1, size, size]`."""
    axis = torch.arange(size) - (size - 1) / 2
    return torch.exp(-((axis - 8) ** 2 + axis[:, None] ** 2) / 4)[None, None]


def angles(images):
    """By how many degrees the dot of each image lies counterclockwise of the right."""
    axis = torch.arange(images.shape[-1]) - (images.shape[-1] - 1) / 2
    weight = images[:, 0]
    x, y = (weight * axis).sum((1, 2)), (weight * -axis[:, None]).sum((1, 2))
    return torch.rad2deg(torch.atan2(y, x))


def apply(images, degrees, key=KEY):
    return Rotation(degrees=degrees).apply(Batch(images, torch.ones(len(images), 2)), key)


def test_no_angle_is_the_identity_to_the_bit() -> None:
    images = noise((5, 3, 8, 9)).float()
    assert torch.equal(apply(images, 0.0).inputs, images)


@pytest.mark.parametrize("size", [8, 9])
@pytest.mark.parametrize("quarters", [-1, 1, 2, 3])
def test_a_quarter_turn_is_the_one_of_torch(size, quarters) -> None:
    images = noise((2, 3, size, size))
    turned = rotated(images, torch.full((2,), 90.0 * quarters, dtype=torch.float64))
    torch.testing.assert_close(turned, torch.rot90(images, quarters, (-2, -1)))


def test_any_angle_is_the_affine_grid_of_torch() -> None:
    images, degrees = noise((4, 2, 11, 11)), torch.tensor([10.0, -35.0, 77.0, 180.0], dtype=torch.float64)
    cosine, sine = torch.deg2rad(degrees).cos(), torch.deg2rad(degrees).sin()
    nothing = torch.zeros_like(cosine)
    maps = torch.stack([torch.stack([cosine, -sine, nothing], -1), torch.stack([sine, cosine, nothing], -1)], 1)
    grid = functional.affine_grid(maps, list(images.shape), align_corners=True)
    expected = functional.grid_sample(images, grid, align_corners=True, padding_mode="zeros")
    torch.testing.assert_close(rotated(images, degrees), expected)


def test_positive_angles_turn_counterclockwise() -> None:
    turned = angles(rotated(dot(), torch.tensor([30.0])))
    assert turned.item() == pytest.approx(30.0, abs=0.5)


def test_angles_are_uniform_up_to_the_largest_to_either_side() -> None:
    turned = angles(apply(dot().repeat(500, 1, 1, 1), 40.0).inputs)
    assert turned.abs().max() <= 40.5
    assert turned.mean().item() == pytest.approx(0.0, abs=5 * 40 / math.sqrt(3 * 500))
    assert turned.std().item() == pytest.approx(40 / math.sqrt(3), rel=0.1)


def test_what_comes_from_outside_is_zero() -> None:
    turned = rotated(torch.ones(1, 1, 9, 9), torch.tensor([45.0]))
    assert turned[0, 0, 0, 0] == 0
    assert turned[0, 0, 4, 4] == 1


def test_targets_stay_and_the_key_decides() -> None:
    images = noise((6, 1, 8, 8)).float()
    batch = apply(images, 30.0)
    assert torch.equal(batch.targets, torch.ones(6, 2))
    assert torch.equal(batch.inputs, apply(images, 30.0).inputs)
    assert not torch.equal(batch.inputs, apply(images, 30.0, KEY + 1).inputs)


def test_each_lane_has_its_own_largest_angle() -> None:
    images, degrees = noise((6, 1, 8, 8)).float(), torch.tensor([0.0, 15.0, 90.0])
    lanes = torch.func.vmap(lambda most: apply(images, most).inputs)(degrees)
    for lane, most in zip(lanes, degrees, strict=True):
        torch.testing.assert_close(lane, apply(images, most).inputs)
