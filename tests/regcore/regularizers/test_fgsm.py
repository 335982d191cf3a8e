"""Fast gradient sign: ℓ(x + ε sign ∂ℓ/∂x)."""

import pytest
import torch
from asked_passes import drawn, passes_of

from regcore.regularizers.fgsm import Fgsm
from regcore.sites import TrainingRows

INPUTS, TARGETS = drawn(5, 4), torch.eye(3, dtype=torch.float64)[[0, 1, 2, 0, 1]]
WEIGHT = drawn(3, 4, seed=1)


def loss_and_passes(inputs=INPUTS, rows=None, **values):
    """The loss, and the inputs of every pass that was asked for."""
    seen = []

    def network(inputs, number):
        seen.append(inputs)
        assert number == 0, "every pass has the noise of the step"
        return inputs.flatten(1) @ WEIGHT.T

    rule = Fgsm(**values)
    rule.known = Fgsm.prepare(rows or TrainingRows(inputs, TARGETS))
    return rule.loss(passes_of(network, inputs, TARGETS)), seen


def cross_entropy(inputs):
    return torch.nn.functional.cross_entropy(inputs.flatten(1) @ WEIGHT.T, TARGETS)


def test_inputs_move_by_the_sign_of_the_losss_gradient() -> None:
    """Of a linear network the gradient of a row's loss is (p − y) W."""
    _, seen = loss_and_passes(radius=0.1)
    direction = (((INPUTS @ WEIGHT.T).softmax(1) - TARGETS) @ WEIGHT).sign()
    torch.testing.assert_close(seen[-1], INPUTS + 0.1 * direction)


@pytest.mark.parametrize("share", [0.25, 1.0])
def test_the_loss_is_shared_between_the_inputs_and_the_moved_ones(share) -> None:
    loss, seen = loss_and_passes(radius=0.1, share=share)
    torch.testing.assert_close(loss, (1 - share) * cross_entropy(INPUTS) + share * cross_entropy(seen[-1]))
    assert cross_entropy(seen[-1]) > cross_entropy(INPUTS)


@pytest.mark.parametrize("off", [{"radius": 0.0}, {"share": 0.0}, {"radius": 0.0, "share": 0.0}])
def test_without_radius_or_share_the_loss_stays_to_the_bit(off) -> None:
    loss, _ = loss_and_passes(**off)
    assert torch.equal(loss, passes_of(lambda inputs, _: inputs @ WEIGHT.T, INPUTS, TARGETS).first.loss)


def test_the_columns_of_a_category_stay_as_they_are() -> None:
    categorical = torch.tensor([False, True, True, False])
    _, seen = loss_and_passes(radius=0.1, rows=TrainingRows(INPUTS, TARGETS, torch.tensor([0, 1, 1, 2]), categorical))
    assert torch.equal((seen[-1] != INPUTS).all(0), ~categorical)
    assert torch.equal(seen[-1][:, categorical], INPUTS[:, categorical])


def test_a_tables_numbers_are_not_bounded() -> None:
    _, seen = loss_and_passes(radius=1.0)
    assert seen[-1].max() > INPUTS.max()
    assert seen[-1].min() < INPUTS.min()


def test_pixels_stay_between_the_darkest_and_the_brightest_of_the_training_images() -> None:
    images = INPUTS.sigmoid().reshape(5, 1, 2, 2)
    rows = TrainingRows(torch.tensor([0.25, 0.75], dtype=torch.float64).reshape(2, 1, 1, 1), TARGETS)
    _, seen = loss_and_passes(images.clamp(0.25, 0.75), rows, radius=1.0)
    assert set(seen[-1].unique().tolist()) == {0.25, 0.75}


def test_a_pixel_that_lies_beyond_them_may_move_back_only() -> None:
    images = torch.full((5, 1, 2, 2), 3.0, dtype=torch.float64)
    _, seen = loss_and_passes(images, TrainingRows(torch.tensor([0.0, 1.0]).reshape(2, 1, 1, 1), TARGETS), radius=0.1)
    assert seen[-1].max() == 3.0
    assert seen[-1].min().item() == pytest.approx(2.9)


def test_nothing_is_derived_through_how_the_inputs_were_found() -> None:
    weight = WEIGHT.clone().requires_grad_()
    rule = Fgsm(radius=0.1, share=1.0)
    rule.known = Fgsm.prepare(TrainingRows(INPUTS, TARGETS))
    found = torch.autograd.grad(rule.loss(passes_of(lambda x, _: x @ weight.T, INPUTS, TARGETS)), weight)[0]
    moved = INPUTS + 0.1 * (((INPUTS @ WEIGHT.T).softmax(1) - TARGETS) @ WEIGHT).sign()
    expected = torch.autograd.grad(torch.nn.functional.cross_entropy(moved @ weight.T, TARGETS), weight)[0]
    torch.testing.assert_close(found, expected)
