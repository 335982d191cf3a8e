"""Shear of training images."""

import math

import pytest
import torch
from torch.nn import functional

from regcore.regularizers.shear import Shear, sheared
from regcore.sites import Batch

KEY = torch.tensor(3, dtype=torch.int32)
IMAGES = torch.rand(6, 2, 8, 9, generator=torch.Generator().manual_seed(0))


def apply(images, horizontal, vertical=0.0, key=KEY):
    return Shear(horizontal=horizontal, vertical=vertical).apply(Batch(images, torch.ones(len(images), 2)), key)


def slants(images):
    """The slope dx/dy of the line through the mass of each image's rows."""
    axis = torch.arange(images.shape[-1]) - (images.shape[-1] - 1) / 2
    x = (images[:, 0] * axis).sum(2) / images[:, 0].sum(2)
    return (x * axis).sum(1) / axis.square().sum()


def upright(count, size=33):
    images = torch.zeros(count, 1, size, size)
    images[..., size // 2] = 1
    return images


def test_no_angle_is_the_identity_to_the_bit() -> None:
    assert torch.equal(apply(IMAGES, 0.0).inputs, IMAGES)


def test_rows_below_the_center_move_right_by_their_distance_times_the_tangent() -> None:
    slanted = sheared(upright(1), torch.tensor([20.0]), torch.tensor([0.0]))
    assert slants(slanted).item() == pytest.approx(math.tan(math.radians(20)), rel=1e-4)


def test_columns_right_of_the_center_move_down_by_their_distance_times_the_tangent() -> None:
    slanted = sheared(upright(1).mT, torch.tensor([0.0]), torch.tensor([20.0]))
    assert slants(slanted.mT).item() == pytest.approx(math.tan(math.radians(20)), rel=1e-4)


def test_both_angles_are_the_affine_grid_of_torch() -> None:
    images = torch.rand(3, 2, 11, 11, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    degrees = torch.tensor([[10.0, -35.0, 40.0], [5.0, 0.0, -20.0]], dtype=torch.float64)
    across, down = torch.deg2rad(degrees).tan()
    one, nothing = torch.ones(3, dtype=torch.float64), torch.zeros(3, dtype=torch.float64)
    forward = torch.stack([torch.stack([one, across], -1), torch.stack([down, one], -1)], 1)
    maps = torch.cat([torch.linalg.inv(forward), torch.stack([nothing, nothing], -1)[:, :, None]], -1)
    grid = functional.affine_grid(maps, list(images.shape), align_corners=True)
    expected = functional.grid_sample(images, grid, align_corners=True, padding_mode="zeros")
    torch.testing.assert_close(sheared(images, degrees[0], degrees[1]), expected)


def test_angles_are_uniform_up_to_the_largest_to_either_side() -> None:
    angles = torch.rad2deg(torch.atan(slants(apply(upright(500), 25.0).inputs)))
    assert angles.abs().max() <= 25.01
    assert angles.mean().item() == pytest.approx(0.0, abs=5 * 25 / math.sqrt(3 * 500))
    assert angles.std().item() == pytest.approx(25 / math.sqrt(3), rel=0.1)


def test_targets_stay_and_the_key_decides() -> None:
    batch = apply(IMAGES, 20.0)
    assert torch.equal(batch.targets, torch.ones(6, 2))
    assert torch.equal(batch.inputs, apply(IMAGES, 20.0).inputs)
    assert not torch.equal(batch.inputs, apply(IMAGES, 20.0, key=KEY + 1).inputs)


def test_each_lane_has_its_own_largest_angles() -> None:
    largest = torch.tensor([0.0, 15.0, 40.0])
    lanes = torch.func.vmap(lambda most: apply(IMAGES, most, most / 2).inputs)(largest)
    for lane, most in zip(lanes, largest, strict=True):
        torch.testing.assert_close(lane, apply(IMAGES, most, most / 2).inputs)
