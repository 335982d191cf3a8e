"""Boxes in images."""

import torch

from regcore.lanes.boxes import boxes, corners_around, in_pixels

IMAGES = torch.zeros(2, 3, 4, 6)


def test_a_box_covers_its_pixels() -> None:
    expected = torch.zeros(1, 1, 4, 6, dtype=torch.bool)
    expected[0, 0, 1:3, 2:6] = True
    assert torch.equal(boxes(IMAGES, torch.tensor([[1.0], [2.0]]), torch.tensor([[2.0], [4.0]])), expected)


def test_the_edges_cut_off_what_lies_outside() -> None:
    expected = torch.zeros(1, 1, 4, 6, dtype=torch.bool)
    expected[0, 0, :1, 5:] = True
    assert torch.equal(boxes(IMAGES, torch.tensor([[-2.0], [5.0]]), torch.tensor([[3.0], [9.0]])), expected)


def test_a_box_without_sides_is_empty() -> None:
    assert not boxes(IMAGES, torch.tensor([[1.0], [2.0]]), torch.tensor([[0.0], [4.0]])).any()


def test_an_odd_side_reaches_as_far_above_as_below_and_an_even_one_further_above() -> None:
    corners = corners_around(torch.tensor([[5.0, 5.0], [7.0, 7.0]]), torch.tensor([[3.0, 4.0], [1.0, 2.0]]))
    assert corners.tolist() == [[4.0, 3.0], [7.0, 6.0]]


def test_lengths_are_shares_of_height_and_width() -> None:
    assert in_pixels(torch.tensor([[0.5], [0.5]]), IMAGES).tolist() == [[2.0], [3.0]]
