"""Reading images between and outside their pixels."""

import pytest
import torch
from torch.nn import functional

from regcore.lanes.ops import bilinear_sample, resample_about_center, resample_affinely, shift_pixels


def drawn(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def in_pixels(grid, height, width):
    """A grid of `grid_sample` with corners at ±1, in pixels."""
    return (grid + 1) / 2 * torch.tensor([width - 1, height - 1], dtype=grid.dtype)


def test_it_is_the_grid_sample_of_torch_inside_and_outside_with_its_gradients() -> None:
    ours, theirs = (drawn(3, 2, 6, 7).requires_grad_() for _ in range(2))
    grid = (drawn(3, 5, 4, 2, seed=1) * 3 - 1.5).requires_grad_()
    expected = functional.grid_sample(theirs, grid, align_corners=True, padding_mode="zeros")
    (by_theirs,) = torch.autograd.grad(expected.square().sum(), grid, retain_graph=True)
    expected.square().sum().backward()
    sampled = bilinear_sample(ours, in_pixels(grid, 6, 7))
    (by_ours,) = torch.autograd.grad(sampled.square().sum(), grid, retain_graph=True)
    sampled.square().sum().backward()
    torch.testing.assert_close(sampled, expected)
    torch.testing.assert_close(ours.grad, theirs.grad)
    torch.testing.assert_close(by_ours, by_theirs)


def test_a_pixel_s_own_place_gives_the_pixel_to_the_bit() -> None:
    images = drawn(2, 3, 4, 5).float()
    grid = torch.stack(torch.meshgrid(torch.arange(5.0), torch.arange(4.0), indexing="xy"), -1)
    assert torch.equal(bilinear_sample(images, grid.expand(2, 4, 5, 2)), images)


@pytest.mark.parametrize("far", [-1.0, -1e30, 1e30, 5.0])
def test_points_a_pixel_or_more_outside_are_zero(far) -> None:
    grid = torch.tensor([far, 0.0], dtype=torch.float64).expand(1, 1, 1, 2)
    assert bilinear_sample(torch.ones(1, 1, 4, 5, dtype=torch.float64), grid).item() == 0


def test_points_between_the_last_pixel_and_the_outside_fade() -> None:
    grid = torch.tensor([-0.25, 0.0]).expand(1, 1, 1, 2)
    assert bilinear_sample(torch.ones(1, 1, 4, 5), grid).item() == 0.75


def test_each_lane_has_its_own_images_and_points() -> None:
    images, grid = drawn(4, 3, 2, 6, 7), 8 * drawn(4, 3, 5, 4, 2, seed=1) - 1
    lanes = torch.func.vmap(bilinear_sample)(images, grid)
    for lane in range(4):
        torch.testing.assert_close(lanes[lane], bilinear_sample(images[lane], grid[lane]))


def test_lanes_may_share_their_images() -> None:
    images, grid = drawn(3, 2, 6, 7), 8 * drawn(4, 3, 5, 4, 2, seed=1) - 1
    lanes = torch.func.vmap(bilinear_sample, in_dims=(None, 0))(images, grid)
    torch.testing.assert_close(lanes[2], bilinear_sample(images, grid[2]))


def test_the_identity_map_gives_the_images_back_to_the_bit() -> None:
    images = drawn(2, 3, 8, 11).float()
    assert torch.equal(resample_about_center(images, torch.eye(2).expand(2, 2, 2)), images)


def test_a_map_moves_pixels_about_the_center() -> None:
    images = drawn(2, 1, 5, 5)
    half_turn = -torch.eye(2, dtype=torch.float64).expand(2, 2, 2)
    torch.testing.assert_close(resample_about_center(images, half_turn), images.flip(-1, -2))


def test_a_shift_reads_whole_pixels_and_zero_outside() -> None:
    images = drawn(2, 3, 4, 5)
    shifted = shift_pixels(images, torch.tensor([1, -2]), torch.tensor([0, 1]))
    assert torch.equal(shifted[0, :, :3], images[0, :, 1:])
    assert torch.equal(shifted[0, :, 3], torch.zeros(3, 5, dtype=torch.float64))
    assert torch.equal(shifted[1, :, 2:, :4], images[1, :, :2, 1:])
    assert torch.equal(shifted[1, :, :2], torch.zeros(3, 2, 5, dtype=torch.float64))


def test_a_shift_moves_where_pixels_are_read() -> None:
    images = drawn(2, 3, 5, 6)
    identity = torch.eye(2, dtype=torch.float64).expand(2, 2, 2)
    moved = resample_affinely(images, identity, torch.tensor([[1.0, 0.0], [0.0, -2.0]], dtype=torch.float64))
    torch.testing.assert_close(moved[0, :, :, :-1], images[0, :, :, 1:])
    torch.testing.assert_close(moved[1, :, 2:], images[1, :, :-2])
