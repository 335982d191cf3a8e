"""Class weighting: a class counts with (N / (K n))^γ."""

import pytest
import torch
from asked_passes import drawn

from regcore.lanes.ops import soft_cross_entropy
from regcore.regularizers.class_weighting import ClassWeighting
from regcore.regularizers.focal import Focal
from regcore.sites import TrainingRows

LABELS = torch.tensor([0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2])
ROWS = TrainingRows(torch.zeros(12, 2), torch.eye(3)[LABELS])
LOGITS, TARGETS = drawn(4, 3), torch.eye(3, dtype=torch.float64)[[0, 0, 1, 2]]


def weighted(logits=LOGITS, targets=TARGETS, rows=ROWS, **values):
    rule = ClassWeighting(**values)
    rule.known = ClassWeighting.prepare(rows)
    return rule.losses(logits, targets, soft_cross_entropy)


def test_a_class_counts_inversely_to_how_often_it_occurs_among_the_training_rows() -> None:
    balance = ClassWeighting.prepare(ROWS)["balance"]
    torch.testing.assert_close(balance, torch.tensor([12 / (3 * 6), 12 / (3 * 3), 12 / (3 * 3)]))


def test_the_loss_of_a_batch_is_the_weighted_mean_of_its_rows() -> None:
    weights, losses = torch.tensor([2 / 3, 2 / 3, 4 / 3, 4 / 3]), soft_cross_entropy(LOGITS, TARGETS)
    expected = (weights * losses).sum() / weights.sum()
    torch.testing.assert_close(weighted(power=1.0).mean(), expected, rtol=1e-6, atol=0)


def test_a_power_of_half_takes_the_root_of_the_weights() -> None:
    weights, losses = torch.tensor([2 / 3, 2 / 3, 4 / 3, 4 / 3]).sqrt(), soft_cross_entropy(LOGITS, TARGETS)
    torch.testing.assert_close(weighted(power=0.5).mean(), (weights * losses).sum() / weights.sum(), rtol=1e-6, atol=0)


@pytest.mark.parametrize("targets", [TARGETS, drawn(4, 3, seed=1).softmax(1)])
def test_without_power_losses_stay_to_the_bit(targets) -> None:
    assert torch.equal(weighted(targets=targets, power=0.0), soft_cross_entropy(LOGITS, targets))


def test_soft_targets_are_weighted_inside() -> None:
    targets, balance = drawn(4, 3, seed=1).softmax(1), torch.tensor([2 / 3, 4 / 3, 4 / 3])
    inside = -(balance * targets * LOGITS.log_softmax(1)).sum()
    torch.testing.assert_close(weighted(targets=targets).mean(), inside / (balance * targets).sum(), rtol=1e-6, atol=0)


def test_the_focal_factor_of_a_row_is_no_part_of_its_weight() -> None:
    focal, weights = Focal(exponent=2.0), torch.tensor([2 / 3, 2 / 3, 4 / 3, 4 / 3])
    losses = focal.losses(LOGITS, TARGETS, soft_cross_entropy)
    rule = ClassWeighting(power=1.0)
    rule.known = ClassWeighting.prepare(ROWS)
    assert Focal.order < ClassWeighting.order, "the lower is the inner one"
    found = rule.losses(LOGITS, TARGETS, lambda logits, targets: focal.losses(logits, targets, soft_cross_entropy))
    torch.testing.assert_close(found.mean(), (weights * losses).sum() / weights.sum(), rtol=1e-6, atol=0)


def test_a_class_without_a_training_row_counts_as_a_common_one() -> None:
    rows = TrainingRows(torch.zeros(6, 2), torch.eye(3)[LABELS[:9:2]])
    assert ClassWeighting.prepare(rows)["balance"][2] == 1.0


def test_equally_frequent_classes_count_alike() -> None:
    rows = TrainingRows(torch.zeros(9, 2), torch.eye(3).repeat(3, 1))
    assert torch.equal(ClassWeighting.prepare(rows)["balance"], torch.ones(3))
