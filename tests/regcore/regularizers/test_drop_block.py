"""Dropout of square patches of hidden images."""

import pytest
import torch
from torch.nn import functional

from regcore.regularizers.drop_block import DropBlock, grown
from regcore.sites import Site

KEY = torch.tensor(12345, dtype=torch.int32)
ONES = torch.ones(200, 3, 12, 10)


def dropped(rate, size=3, activation=ONES, key=KEY):
    return DropBlock(rate=rate, size=size).apply(activation, key, Site("block.0", tuple(activation.shape[1:])))


def test_corners_grow_into_blocks() -> None:
    corners = torch.zeros(1, 4, 4, dtype=torch.bool)
    corners[0, 1, 2] = True
    expected = torch.zeros(1, 5, 6, dtype=torch.bool)
    expected[0, 1:3, 2:5] = True
    assert torch.equal(grown(corners, (2, 3)), expected)


def test_overlapping_blocks_grow_as_by_a_maximum_over_windows() -> None:
    corners = torch.rand(20, 8, 9, generator=torch.Generator().manual_seed(0)) < 0.1
    padded = functional.pad(corners.float(), (2, 2, 3, 3))
    expected = functional.max_pool2d(padded[:, None], (4, 3), stride=1)[:, 0] > 0
    assert torch.equal(grown(corners, (4, 3)), expected)


def test_what_is_dropped_is_a_union_of_whole_blocks() -> None:
    hole = (dropped(0.1)[:, 0] == 0).float()[:, None]
    opened = functional.max_pool2d(functional.pad(1 - functional.max_pool2d(1 - hole, 3, stride=1), (2, 2, 2, 2)), 3, 1)
    assert torch.equal(opened, hole)
    assert hole.any()


def test_all_channels_drop_the_same_pixels() -> None:
    output = dropped(0.2)
    assert torch.equal(output[:, 0], output[:, 2])


def test_blocks_of_one_pixel_drop_the_rate() -> None:
    share = (dropped(0.25, size=1)[:, 0] == 0).double().mean().item()
    assert share == pytest.approx(0.25, abs=5 * (0.25 * 0.75 / 24000) ** 0.5)


def test_a_block_as_large_as_the_image_drops_whole_images_at_the_rate() -> None:
    hole = dropped(0.25, size=15)[:, 0] == 0
    assert torch.equal(hole.all(2).all(1), hole.any(2).any(1))
    assert hole[:, 0, 0].double().mean().item() == pytest.approx(0.25, abs=5 * (0.25 * 0.75 / 200) ** 0.5)


def test_a_small_rate_is_about_the_share_that_is_dropped() -> None:
    share = (dropped(0.05)[:, 0] == 0).double().mean().item()
    assert share == pytest.approx(0.05, abs=0.01)


def test_the_mean_of_a_constant_activation_stays() -> None:
    assert dropped(0.3).double().mean().item() == pytest.approx(1.0, rel=1e-6)


def test_rate_zero_is_the_identity_to_the_bit() -> None:
    activation = torch.randn(20, 3, 7, 7, generator=torch.Generator().manual_seed(0))
    assert torch.equal(dropped(0.0, activation=activation), activation)


def test_where_nothing_stays_all_is_zero_and_so_are_gradients() -> None:
    activation = torch.ones(1, 2, 3, 3, requires_grad=True)
    keys = [torch.tensor(number, dtype=torch.int32) for number in range(20)]
    empty = [output for output in (dropped(0.5, 15, activation, key) for key in keys) if (output == 0).all()]
    assert empty
    (gradient,) = torch.autograd.grad(empty[0].sum(), activation)
    assert torch.equal(gradient, torch.zeros_like(activation))


def test_an_activation_that_is_no_image_is_left_alone() -> None:
    assert torch.equal(dropped(0.5, activation=ONES[:, :, 0, 0]), ONES[:, :, 0, 0])


def test_each_lane_has_its_own_rate() -> None:
    rates = torch.tensor([0.0, 0.1, 0.5])
    for lane, rate in zip(torch.func.vmap(dropped)(rates), rates, strict=True):
        torch.testing.assert_close(lane, dropped(rate))
