"""Cutout of images and of rows of a table."""

import pytest
import torch

from regcore.regularizers.cutout import Cutout
from regcore.sites import Batch, TrainingRows

KEY = torch.tensor(3, dtype=torch.int32)
IMAGES = torch.ones(400, 2, 9, 15)
TABLE = torch.ones(400, 7)
COLUMNS = torch.tensor([0, 1, 2, 2, 2, 3, 4])
BOTH = pytest.mark.parametrize("inputs", [IMAGES, TABLE], ids=["image", "table"])


def rule(inputs, probability, share):
    made = Cutout(probability=probability, share=share)
    made.known = Cutout.prepare(TrainingRows(inputs, inputs, COLUMNS if inputs.dim() == 2 else None))
    return made


def apply(inputs, probability=1.0, share=0.2, key=KEY):
    return rule(inputs, probability, share).apply(Batch(inputs, torch.ones(400, 2)), key)


def blank(*arguments, **named):
    return apply(*arguments, **named).inputs == 0


def test_an_image_loses_a_box_in_all_channels() -> None:
    hole = blank(IMAGES)
    assert torch.equal(hole[:, 0], hole[:, 1])
    down, across = hole[:, 0].any(2), hole[:, 0].any(1)
    assert torch.equal(hole[:, 0], down[:, :, None] & across[:, None, :])


def test_the_box_has_the_root_of_the_share_of_each_side_unless_an_edge_cuts_it_off() -> None:
    hole = blank(IMAGES, share=1 / 9)[:, 0]
    height, width = hole.any(2).sum(1), hole.any(1).sum(1)
    assert set(height.tolist()) == {2, 3}
    assert set(width.tolist()) == {3, 4, 5}
    assert (height == 3).double().mean().item() == pytest.approx(7 / 9, abs=0.1)


def test_the_smallest_box_is_one_pixel_and_reaches_every_edge() -> None:
    pixels = IMAGES[:, :, :, :9]
    hole = blank(pixels, share=0.01)[:, 0]
    assert (hole.flatten(1).sum(1) == 1).all()
    for edge in (hole[:, 0], hole[:, -1], hole[:, :, 0], hole[:, :, -1]):
        assert edge.any()


def test_a_row_of_a_table_loses_whole_columns_as_many_as_the_share_says() -> None:
    hole = blank(TABLE, share=0.4)
    assert torch.equal(hole[:, 2], hole[:, 3])
    assert torch.equal(hole[:, 2], hole[:, 4])
    assert (hole[:, [0, 1, 2, 5, 6]].sum(1) == 2).all()
    assert len(torch.unique(hole, dim=0)) > 1


@BOTH
def test_the_probability_is_the_share_of_rows_that_lose_a_piece(inputs) -> None:
    share = blank(inputs, probability=0.3).flatten(1).any(1).double().mean().item()
    assert share == pytest.approx(0.3, abs=5 * (0.21 / 400) ** 0.5)


@BOTH
def test_probability_zero_is_the_identity_to_the_bit(inputs) -> None:
    assert torch.equal(apply(inputs, probability=0.0).inputs, inputs)


@BOTH
def test_targets_stay_and_the_key_decides(inputs) -> None:
    assert torch.equal(apply(inputs).targets, torch.ones(400, 2))
    assert torch.equal(blank(inputs), blank(inputs))
    assert not torch.equal(blank(inputs), blank(inputs, key=KEY + 1))


@BOTH
def test_each_lane_has_its_own_probability_and_share(inputs) -> None:
    knobs = torch.tensor([0.0, 0.5, 1.0]), torch.tensor([0.1, 0.3, 0.9])
    lanes = torch.func.vmap(lambda *knobs: apply(inputs, *knobs).inputs)(*knobs)
    for place in range(3):
        assert torch.equal(lanes[place], apply(inputs, knobs[0][place], knobs[1][place]).inputs)
