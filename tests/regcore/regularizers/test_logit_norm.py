"""Logit normalization."""

import math

import pytest
import torch
from torch.nn import functional

from regcore.lanes.ops import soft_cross_entropy
from regcore.regularizers.logit_norm import LogitNorm

TARGETS = torch.tensor([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]], dtype=torch.float64)
LOGITS = torch.tensor([[3.0, 4.0, 0.0], [0.0, 1.0, -1.0]], dtype=torch.float64)


def losses(logits, temperature=0.5, targets=TARGETS):
    return LogitNorm(temperature=temperature).losses(logits, targets, soft_cross_entropy)


def test_logits_have_one_over_the_temperature_as_their_length() -> None:
    expected = soft_cross_entropy(torch.tensor([[1.2, 1.6, 0.0]], dtype=torch.float64), TARGETS[:1])
    torch.testing.assert_close(losses(LOGITS[:1], targets=TARGETS[:1]), expected)


def test_it_is_the_formula_of_the_source_with_torchs_normalization() -> None:
    expected = functional.cross_entropy(functional.normalize(LOGITS) / 0.1, TARGETS, reduction="none")
    torch.testing.assert_close(losses(LOGITS, 0.1), expected)


def test_growing_the_logits_changes_neither_loss_nor_direction() -> None:
    torch.testing.assert_close(losses(100 * LOGITS), losses(LOGITS))
    logits = LOGITS.clone().requires_grad_()
    losses(logits).sum().backward()
    torch.testing.assert_close((logits.grad * LOGITS).sum(-1), torch.zeros(2, dtype=torch.float64), atol=1e-12, rtol=0)


def test_the_loss_has_a_floor_that_the_temperature_sets() -> None:
    """Of unit vectors in three dimensions (−1, 2, −1)/√6 favours the second class most: by √(3/2)."""
    floor = math.log1p(2 * math.exp(-2 * 1.5**0.5))
    best = torch.tensor([[-1.0, 2.0, -1.0]], dtype=torch.float64)
    assert losses(best, targets=TARGETS[:1]).item() == pytest.approx(floor)
    others = torch.randn(5000, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert losses(others, targets=TARGETS[:1].expand(5000, 3)).min() >= floor


def test_a_row_of_zeros_has_the_loss_of_ignorance_and_a_finite_gradient() -> None:
    logits = torch.zeros(2, 3, dtype=torch.float64).requires_grad_()
    found = losses(logits)
    found.sum().backward()
    torch.testing.assert_close(found, torch.tensor([3.0, 3.0], dtype=torch.float64).log())
    assert torch.all(logits.grad.isfinite())
