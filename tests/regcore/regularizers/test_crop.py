"""Random crops of padded training images."""

import pytest
import torch
from torch.nn import functional

from regcore.regularizers.crop import Crop
from regcore.sites import Batch

KEY = torch.tensor(3, dtype=torch.int32)
IMAGES = torch.rand(500, 2, 8, 12, generator=torch.Generator().manual_seed(0)) + 0.1


def apply(padding, images=IMAGES, key=KEY):
    return Crop(padding=padding).apply(Batch(images, torch.ones(len(images), 2)), key)


def shifts(images, rows, columns):
    """By how many rows and columns each image was cut from its padded self, found by trying all; None if by none."""
    padded = functional.pad(IMAGES, (columns, columns, rows, rows))
    found = [None] * len(images)
    for row in range(2 * rows + 1):
        for column in range(2 * columns + 1):
            same = (padded[:, :, row : row + 8, column : column + 12] == images).flatten(start_dim=1).all(1)
            for place in same.nonzero().flatten().tolist():
                found[place] = (row - rows, column - columns)
    return found


def test_no_padding_is_the_identity_to_the_bit() -> None:
    assert torch.equal(apply(0.0).inputs, IMAGES)


def test_every_image_is_a_piece_of_its_padded_self() -> None:
    assert None not in shifts(apply(0.25).inputs, rows=2, columns=3)


def test_every_piece_is_equally_likely() -> None:
    found = shifts(apply(0.125, IMAGES).inputs, rows=1, columns=2)
    counts = [found.count((row, column)) for row in (-1, 0, 1) for column in (-2, -1, 0, 1, 2)]
    assert sum(counts) == 500
    assert counts == pytest.approx([500 / 15] * 15, abs=5 * (500 / 15) ** 0.5)


def test_the_border_is_the_share_of_each_side_in_whole_pixels() -> None:
    found = shifts(apply(0.2).inputs, rows=4, columns=6)
    assert {row for row, _ in found} == {-2, -1, 0, 1, 2}
    assert {column for _, column in found} == {-2, -1, 0, 1, 2}


def test_a_share_below_half_a_pixel_changes_nothing() -> None:
    assert torch.equal(apply(0.04).inputs, IMAGES)


def test_the_usual_four_pixels_of_images_of_thirty_two_are_an_eighth() -> None:
    images = torch.ones(300, 1, 32, 32)
    empty_rows = (apply(0.125, images).inputs.sum((1, 3)) == 0).sum(1)
    assert empty_rows.max() == 4


def test_targets_stay_and_the_key_decides() -> None:
    batch = apply(0.25)
    assert torch.equal(batch.targets, torch.ones(500, 2))
    assert torch.equal(batch.inputs, apply(0.25).inputs)
    assert not torch.equal(batch.inputs, apply(0.25, key=KEY + 1).inputs)


def test_each_lane_has_its_own_padding() -> None:
    paddings = torch.tensor([0.0, 0.1, 0.5])
    lanes = torch.func.vmap(lambda padding: apply(padding).inputs)(paddings)
    for lane, padding in zip(lanes, paddings, strict=True):
        assert torch.equal(lane, apply(padding).inputs)
