"""Mixup of training rows."""

import pytest
import torch

from regcore.regularizers.mixup import Mixup, mixed
from regcore.sites import Batch

KEY = torch.tensor(3, dtype=torch.int32)
ROWS = torch.randn(60, 4, generator=torch.Generator().manual_seed(0))
TARGETS = torch.eye(60)
BATCH = Batch(ROWS, TARGETS)


def apply(alpha, key=KEY, batch=BATCH):
    return Mixup(alpha=alpha).apply(batch, key)


def shares(alpha, count=400):
    """The share that rows keep, of many batches; the row of the identity matrix shows it."""
    keys = torch.arange(count, dtype=torch.int32) * 7919
    targets = torch.func.vmap(lambda key: Mixup(alpha=torch.tensor(alpha)).apply(BATCH, key).targets)(keys)
    return targets.amax(2)


def test_rows_and_targets_are_averages_of_the_same_two_in_the_same_shares() -> None:
    batch = apply(1.0)
    torch.testing.assert_close(batch.inputs, batch.targets @ ROWS)
    torch.testing.assert_close(batch.targets.sum(1), torch.ones(60))
    assert ((batch.targets > 0).sum(1) <= 2).all()


def test_partners_are_a_permutation_of_the_batch() -> None:
    torch.testing.assert_close(apply(1.0).targets.sum(0), torch.ones(60))


def test_a_batch_has_one_share_that_is_at_least_a_half() -> None:
    kept = shares(1.0)
    assert kept.min() >= 0.5
    mixed_rows = kept.where(kept < 1, kept.amin(1, keepdim=True))
    assert (mixed_rows.amax(1) - mixed_rows.amin(1)).max() < 1e-6


def test_with_alpha_one_the_larger_share_is_uniform_above_a_half() -> None:
    kept = shares(1.0).amin(1)
    assert kept.mean().item() == pytest.approx(0.75, abs=5 * 0.25 / (3 * 400) ** 0.5)
    assert kept.std().item() == pytest.approx(0.25 / 3**0.5, rel=0.1)


def test_a_smaller_alpha_mixes_less() -> None:
    assert shares(0.1).amin(1).mean() > shares(1.0).amin(1).mean() > shares(8.0).amin(1).mean()


def test_alpha_zero_is_the_identity_to_the_bit() -> None:
    assert torch.equal(apply(0.0).inputs, ROWS)
    assert torch.equal(apply(0.0).targets, TARGETS)


def test_a_share_of_a_quarter_is_three_quarters_of_the_partner() -> None:
    batch = Batch(torch.tensor([[4.0], [8.0]]), torch.tensor([[1.0, 0.0], [0.0, 1.0]]))
    result = mixed(batch, torch.tensor([1, 0]), torch.tensor(0.25))
    assert result.inputs.tolist() == [[7.0], [5.0]]
    assert result.targets.tolist() == [[0.25, 0.75], [0.75, 0.25]]


def test_images_are_mixed_whole() -> None:
    images = torch.randn(5, 3, 4, 4, generator=torch.Generator().manual_seed(1))
    batch = apply(1.0, batch=Batch(images, torch.eye(5)))
    torch.testing.assert_close(batch.inputs, torch.einsum("bc,cdhw->bdhw", batch.targets, images))


def test_the_key_decides() -> None:
    assert torch.equal(apply(1.0).inputs, apply(1.0).inputs)
    assert not torch.equal(apply(1.0).inputs, apply(1.0, KEY + 1).inputs)


def test_each_lane_has_its_own_alpha() -> None:
    alphas = torch.tensor([0.0, 0.2, 1.0])
    lanes = torch.func.vmap(lambda alpha: apply(alpha))(alphas)
    for place, alpha in enumerate(alphas):
        torch.testing.assert_close(lanes.inputs[place], apply(alpha).inputs)
        torch.testing.assert_close(lanes.targets[place], apply(alpha).targets)
