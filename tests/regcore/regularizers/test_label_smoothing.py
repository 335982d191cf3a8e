"""Label smoothing of soft targets."""

import torch

from regcore.lanes.ops import soft_cross_entropy
from regcore.regularizers.label_smoothing import LabelSmoothing

KEY = torch.tensor(1, dtype=torch.int32)


def smoothed(targets, amount):
    return LabelSmoothing(amount=amount).targets(targets, KEY)


def test_a_tenth_over_ten_classes() -> None:
    found = smoothed(torch.eye(10, dtype=torch.float64), 0.1)
    expected = torch.full((10, 10), 0.01, dtype=torch.float64) + 0.9 * torch.eye(10, dtype=torch.float64)
    torch.testing.assert_close(found, expected)


def test_targets_still_sum_to_one_also_mixed_ones() -> None:
    mixed = torch.tensor([[0.3, 0.7, 0.0], [0.0, 0.0, 1.0]])
    torch.testing.assert_close(smoothed(mixed, 0.25).sum(-1), torch.ones(2))


def test_without_an_amount_targets_stay_to_the_bit() -> None:
    targets = torch.softmax(torch.randn(20, 7, generator=torch.Generator().manual_seed(0)), -1)
    assert torch.equal(smoothed(targets, 0.0), targets)


def test_the_right_class_stays_the_largest() -> None:
    targets = torch.eye(5)
    assert torch.equal(smoothed(targets, 0.9).argmax(-1), targets.argmax(-1))


def test_the_best_logits_are_finite_ones() -> None:
    """The gradient is zero where the softmax is the smoothed target."""
    target = smoothed(torch.eye(4, dtype=torch.float64)[:1], 0.2)
    logits = target.log().requires_grad_()
    soft_cross_entropy(logits, target).sum().backward()
    torch.testing.assert_close(logits.grad, torch.zeros_like(logits), atol=1e-12, rtol=0)
