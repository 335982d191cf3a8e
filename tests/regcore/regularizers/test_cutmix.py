"""CutMix of images and of rows of a table."""

import pytest
import torch

from regcore.regularizers.cutmix import Cutmix
from regcore.sites import Batch, TrainingRows

TARGETS = torch.eye(20)
# row i holds the number i everywhere, so that what is pasted shows where it came from
IMAGES = torch.arange(20.0)[:, None, None, None].expand(20, 2, 8, 12)
TABLE = torch.arange(20.0)[:, None].expand(20, 7)
COLUMNS = torch.tensor([0, 1, 2, 2, 2, 3, 4])
KEYS = torch.arange(200, dtype=torch.int32) * 7919


def rule(inputs, probability=1.0, alpha=1.0):
    made = Cutmix(probability=probability, alpha=alpha)
    made.known = Cutmix.prepare(TrainingRows(inputs, TARGETS, COLUMNS if inputs.dim() == 2 else None))
    return made


def batches(inputs, probability=1.0, alpha=1.0):
    """Many mixed batches: inputs `[200, 20, …]`, targets `[200, 20, 20]`."""
    return torch.func.vmap(lambda key: rule(inputs, probability, alpha).apply(Batch(inputs, TARGETS), key))(KEYS)


def foreign(inputs):
    """What of each row came from another, bool."""
    own = torch.arange(20.0).reshape(20, *[1] * (inputs.dim() - 2))
    return inputs != own


def test_a_target_is_mixed_by_the_share_of_pixels_that_was_pasted() -> None:
    mixed = batches(IMAGES)
    area = foreign(mixed.inputs)[:, :, 0].double().mean((2, 3))
    own = mixed.targets.diagonal(dim1=1, dim2=2).double()
    has_partner = foreign(mixed.inputs).flatten(2).any(2)
    torch.testing.assert_close(own[has_partner], 1 - area[has_partner], rtol=0, atol=1e-6)


def test_what_is_pasted_comes_from_the_row_whose_target_is_mixed_in() -> None:
    mixed = batches(IMAGES)
    pasted = mixed.inputs.amax((2, 3, 4)) + mixed.inputs.amin((2, 3, 4)) - torch.arange(20.0)
    partner = (mixed.targets - torch.eye(20) * mixed.targets).argmax(2)
    has_partner = foreign(mixed.inputs).flatten(2).any(2)
    whole = ~(mixed.inputs == torch.arange(20.0)[:, None, None, None]).flatten(2).any(2)
    torch.testing.assert_close(pasted[has_partner & ~whole], partner[has_partner & ~whole].float())


def test_what_is_pasted_into_images_is_one_box_for_the_batch() -> None:
    pasted = foreign(batches(IMAGES).inputs).any(1)[:, 0]
    down, across = pasted.any(2), pasted.any(1)
    assert torch.equal(pasted, down[:, :, None] & across[:, None, :])
    for side in (down, across):
        starts = side & ~torch.nn.functional.pad(side, (1, 0))[:, :-1]
        assert starts.sum(1).max() == 1


def test_the_box_has_the_sides_that_lambda_asks_for_where_no_edge_cuts_it_off() -> None:
    """λ near a half, as a large α draws it: sides √½ of 8 and 12 pixels, rounded down."""
    pasted = foreign(batches(IMAGES, alpha=1e6).inputs).any(1)[:, 0]
    assert pasted.any(2).sum(1).max() == 5
    assert pasted.any(1).sum(1).max() == 8


def test_the_middle_of_the_box_is_anywhere() -> None:
    pasted = foreign(batches(IMAGES, alpha=0.5).inputs).any(1)[:, 0].double().mean(0)
    assert pasted.min() > 0.1


def test_rows_of_a_table_take_whole_columns_of_their_partner_as_many_as_the_target_says() -> None:
    mixed = batches(TABLE)
    features = foreign(mixed.inputs)
    assert torch.equal(features[:, :, 2], features[:, :, 3])
    assert torch.equal(features[:, :, 2], features[:, :, 4])
    columns = features[:, :, [0, 1, 2, 5, 6]].double().mean(2)
    own = mixed.targets.diagonal(dim1=1, dim2=2).double()
    has_partner = features.any(2)
    torch.testing.assert_close(own[has_partner], 1 - columns[has_partner], rtol=0, atol=1e-6)


def test_rows_of_a_table_take_columns_of_their_own() -> None:
    features = foreign(batches(TABLE).inputs)
    assert any(len({tuple(row.tolist()) for row in batch if row.any()}) > 1 for batch in features)


def test_numbers_of_pasted_columns_are_evenly_likely_where_lambda_is_uniform() -> None:
    taken = foreign(batches(TABLE).inputs)[:, :, [0, 1, 2, 5, 6]].sum(2).amax(1)
    counts = torch.bincount(taken, minlength=6)
    # one column for λ above 0.7, five for λ below 0.1, the others for a fifth each
    assert counts.tolist() == pytest.approx([0, 60, 40, 40, 40, 20], abs=5 * 40**0.5)


@pytest.mark.parametrize("inputs", [IMAGES, TABLE], ids=["image", "table"])
def test_the_probability_is_the_share_of_batches_that_are_mixed(inputs) -> None:
    mixed = foreign(batches(inputs, probability=0.3, alpha=1e6).inputs).flatten(1).any(1)
    assert mixed.double().mean().item() == pytest.approx(0.3, abs=5 * (0.21 / 200) ** 0.5)


@pytest.mark.parametrize("inputs", [IMAGES, TABLE], ids=["image", "table"])
def test_probability_zero_is_the_identity_to_the_bit(inputs) -> None:
    mixed = batches(inputs, probability=0.0)
    assert torch.equal(mixed.inputs, inputs.expand(200, *inputs.shape))
    assert torch.equal(mixed.targets, TARGETS.expand(200, 20, 20))


@pytest.mark.parametrize("inputs", [IMAGES, TABLE], ids=["image", "table"])
def test_each_lane_has_its_own_probability_and_alpha(inputs) -> None:
    knobs = torch.tensor([0.0, 0.5, 1.0]), torch.tensor([0.1, 1.0, 8.0])
    lanes = torch.func.vmap(lambda *knobs: rule(inputs, *knobs).apply(Batch(inputs, TARGETS), KEYS[7]))(*knobs)
    for place in range(3):
        alone = rule(inputs, knobs[0][place], knobs[1][place]).apply(Batch(inputs, TARGETS), KEYS[7])
        torch.testing.assert_close((lanes.inputs[place], lanes.targets[place]), tuple(alone))
