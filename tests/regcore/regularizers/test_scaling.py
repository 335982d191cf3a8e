"""Zooming of training images."""

import pytest
import torch
from torch.nn import functional

from regcore.regularizers.scaling import Scaling, zoomed
from regcore.sites import Batch

KEY = torch.tensor(3, dtype=torch.int32)


def noise(shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def apply(images, amount, key=KEY):
    return Scaling(amount=amount).apply(Batch(images, torch.ones(len(images), 2)), key)


def ramp(count, size=21):
    """Images whose value is the distance to the right of the center, in pixels."""
    return (torch.arange(size, dtype=torch.float64) - (size - 1) / 2).expand(count, 1, size, size)


def factors(images):
    """By how much ramps were magnified: their slope at the center is the inverse."""
    middle = images.shape[-1] // 2
    return 1 / images[:, 0, middle, middle + 1]


def test_no_amount_is_the_identity_to_the_bit() -> None:
    images = noise((5, 3, 8, 9)).float()
    assert torch.equal(apply(images, 0.0).inputs, images)


def test_any_factor_is_the_affine_grid_of_torch() -> None:
    images, zoom = noise((3, 2, 9, 12)), torch.tensor([0.5, 1.0, 1.7], dtype=torch.float64)
    maps = torch.zeros(3, 2, 3, dtype=torch.float64)
    maps[:, 0, 0] = maps[:, 1, 1] = 1 / zoom
    grid = functional.affine_grid(maps, list(images.shape), align_corners=True)
    expected = functional.grid_sample(images, grid, align_corners=True, padding_mode="zeros")
    torch.testing.assert_close(zoomed(images, zoom), expected)


def test_a_factor_above_one_magnifies() -> None:
    assert factors(zoomed(ramp(1), torch.tensor([2.0], dtype=torch.float64))).item() == pytest.approx(2.0)


def test_a_factor_below_one_leaves_an_empty_border() -> None:
    shrunk = zoomed(torch.ones(1, 1, 9, 9), torch.tensor([0.5]))
    assert shrunk[0, 0, 0].sum() == 0
    assert shrunk[0, 0, 4, 4] == 1


def test_factors_are_uniform_around_one() -> None:
    drawn = factors(apply(ramp(2000), 0.4).inputs)
    assert drawn.min() >= 0.6 - 1e-6
    assert drawn.max() <= 1.4 + 1e-6
    assert drawn.mean().item() == pytest.approx(1.0, abs=5 * 0.4 / 3**0.5 / 2000**0.5)
    assert drawn.std().item() == pytest.approx(0.4 / 3**0.5, rel=0.1)


def test_targets_stay_and_the_key_decides() -> None:
    images = noise((6, 1, 8, 8)).float()
    batch = apply(images, 0.3)
    assert torch.equal(batch.targets, torch.ones(6, 2))
    assert torch.equal(batch.inputs, apply(images, 0.3).inputs)
    assert not torch.equal(batch.inputs, apply(images, 0.3, KEY + 1).inputs)


def test_each_lane_has_its_own_amount() -> None:
    images, amounts = noise((6, 1, 8, 8)).float(), torch.tensor([0.0, 0.2, 0.9])
    lanes = torch.func.vmap(lambda amount: apply(images, amount).inputs)(amounts)
    for lane, amount in zip(lanes, amounts, strict=True):
        torch.testing.assert_close(lane, apply(images, amount).inputs)
