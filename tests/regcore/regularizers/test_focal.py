"""The focal loss."""

import pytest
import torch
from torch.nn import functional

from regcore.lanes.ops import soft_cross_entropy
from regcore.regularizers.focal import Focal
from regcore.regularizers.logit_norm import LogitNorm


def focal(logits, targets, exponent=2.0):
    return Focal(exponent=exponent).losses(logits, targets, soft_cross_entropy)


def drawn(rows=30, classes=5):
    generator = torch.Generator().manual_seed(0)
    logits = 3 * torch.randn(rows, classes, generator=generator, dtype=torch.float64)
    return logits, torch.randint(classes, (rows,), generator=generator)


def test_a_row_counts_by_the_power_of_its_doubt() -> None:
    """p = 3/4 for the right class: (1/4)² log(4/3)."""
    logits = torch.tensor([[3.0, 1.0]], dtype=torch.float64).log()
    found = focal(logits, torch.tensor([[1.0, 0.0]], dtype=torch.float64))
    torch.testing.assert_close(found, torch.tensor([4 / 3], dtype=torch.float64).log() / 16)


@pytest.mark.parametrize("exponent", [0.5, 1.0, 2.0, 5.0])
def test_it_is_the_cross_entropy_times_the_factor_of_the_source(exponent) -> None:
    logits, classes = drawn()
    loss = functional.cross_entropy(logits, classes, reduction="none")
    expected = (1 - (-loss).exp()) ** exponent * loss
    torch.testing.assert_close(focal(logits, functional.one_hot(classes, 5).double(), exponent), expected)


def test_of_two_classes_it_is_the_binary_form_of_the_source() -> None:
    """−(1 − p)^γ log p for a positive row and −p^γ log(1 − p) for another, p being the sigmoid of the difference."""
    logits, classes = drawn(classes=2)
    p = torch.sigmoid(logits[:, 1] - logits[:, 0])
    right = torch.where(classes == 1, p, 1 - p)
    expected = -((1 - right) ** 2) * right.log()
    torch.testing.assert_close(focal(logits, functional.one_hot(classes, 2).double()), expected)


def test_soft_targets_count_each_class_by_its_own_doubt() -> None:
    logits, _ = drawn()
    targets = drawn()[0].flip(0).softmax(-1)
    p = logits.softmax(-1)
    torch.testing.assert_close(focal(logits, targets), -(targets * (1 - p) ** 2 * p.log()).sum(-1))


def test_an_exponent_of_zero_is_the_cross_entropy_to_the_bit() -> None:
    logits, classes = drawn()
    targets = functional.one_hot(classes, 5).float()
    assert torch.equal(focal(logits.float(), targets, 0.0), soft_cross_entropy(logits.float(), targets))


@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0, 5.0])
def test_a_row_of_which_the_network_is_certain_has_a_finite_gradient(exponent) -> None:
    logits = torch.tensor([[1000.0, 0.0], [-1000.0, 0.0]]).requires_grad_()
    focal(logits, torch.tensor([[1.0, 0.0], [1.0, 0.0]]), exponent).sum().backward()
    assert torch.all(logits.grad.isfinite())


def test_it_changes_whatever_loss_it_is_given() -> None:
    logits, classes = drawn()
    targets = functional.one_hot(classes, 5).double()

    def normalized(logits, targets):
        return LogitNorm(temperature=0.5).losses(logits, targets, soft_cross_entropy)

    found = Focal(exponent=2.0).losses(logits, targets, normalized)
    doubt = (1 - logits.softmax(-1)[torch.arange(30), classes]) ** 2
    torch.testing.assert_close(found, doubt * normalized(logits, targets))
