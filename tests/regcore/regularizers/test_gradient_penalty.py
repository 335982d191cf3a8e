"""Gradient penalty: λ ‖∂ℓ/∂x‖² of each row's loss."""

import torch
from asked_passes import drawn, passes_of

from regcore.regularizers.gradient_penalty import GradientPenalty

INPUTS, TARGETS = drawn(5, 4), torch.eye(3, dtype=torch.float64)[[0, 1, 2, 0, 1]]
WEIGHT = drawn(3, 4, seed=1)


def linear(weight):
    return lambda inputs, number: inputs @ weight.T


def test_it_is_the_mean_squared_gradient_of_the_rows_own_losses() -> None:
    """Of a linear network the gradient of a row's loss is (p − y) W."""
    asked = passes_of(linear(WEIGHT), INPUTS, TARGETS)
    slopes = ((INPUTS @ WEIGHT.T).softmax(1) - TARGETS) @ WEIGHT
    expected = 0.3 * slopes.square().sum(1).mean()
    torch.testing.assert_close(GradientPenalty(strength=0.3).loss(asked) - asked.first.loss, expected)


def test_weights_get_its_gradient_as_torch_derives_it_twice() -> None:
    weight = WEIGHT.clone().requires_grad_()
    asked = passes_of(linear(weight), INPUTS, TARGETS)
    found = torch.autograd.grad(GradientPenalty(strength=0.3).loss(asked), weight)[0]
    inputs = INPUTS.clone().requires_grad_()
    losses = torch.nn.functional.cross_entropy(inputs @ weight.T, TARGETS, reduction="none")
    (slopes,) = torch.autograd.grad(losses.sum(), inputs, create_graph=True)
    expected = torch.autograd.grad(losses.mean() + 0.3 * slopes.square().sum(1).mean(), weight)[0]
    torch.testing.assert_close(found, expected)


def test_images_are_summed_over_all_their_pixels() -> None:
    images, weight = INPUTS.reshape(5, 1, 2, 2), WEIGHT
    flat = passes_of(linear(weight), INPUTS, TARGETS)
    asked = passes_of(lambda inputs, number: inputs.flatten(1) @ weight.T, images, TARGETS)
    torch.testing.assert_close(GradientPenalty().loss(asked), GradientPenalty().loss(flat))


def test_without_strength_the_loss_stays_to_the_bit() -> None:
    asked = passes_of(linear(WEIGHT), INPUTS, TARGETS)
    assert torch.equal(GradientPenalty(strength=0.0).loss(asked), asked.first.loss)
