"""Sharpness-aware minimization: the gradient at w + ρ g / ‖g‖."""

import math

import pytest
import torch

from regcore.regularizers.sam import Sam

PARAMETERS = {"weight": torch.tensor([[1.0, 2.0]]), "bias": torch.tensor([2.0])}


def test_the_gradient_is_that_at_weights_moved_uphill_by_the_radius() -> None:
    """The gradients handed in are the parameters themselves, of norm 3."""
    seen = {}

    def gradients_at(parameters):
        seen.update(parameters)
        return {name: 10 * value for name, value in parameters.items()}

    found = Sam(radius=0.3).gradients(PARAMETERS, PARAMETERS, gradients_at)
    torch.testing.assert_close(seen, {name: 1.1 * value for name, value in PARAMETERS.items()})
    torch.testing.assert_close(found, {name: 11 * value for name, value in PARAMETERS.items()})


def test_without_a_radius_the_weights_stay_to_the_bit() -> None:
    found = Sam(radius=0.0).gradients(PARAMETERS, PARAMETERS, lambda parameters: parameters)
    assert all(torch.equal(found[name], value) for name, value in PARAMETERS.items())


def test_where_the_gradient_is_zero_the_weights_stay() -> None:
    zeros = {name: torch.zeros_like(value) for name, value in PARAMETERS.items()}
    found = Sam(radius=0.5).gradients(PARAMETERS, zeros, lambda parameters: parameters)
    assert all(torch.equal(found[name], value) for name, value in PARAMETERS.items())


@pytest.fixture(scope="module")
def sharpness() -> dict[float, float]:
    """The largest eigenvalue of the Hessian where a small network ends that is trained with each radius."""
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(40, 3, generator=generator, dtype=torch.float64)
    targets = (inputs[:, 0] * inputs[:, 1]).sign() + 0.3 * torch.randn(40, generator=generator, dtype=torch.float64)
    start = torch.randn(8 * 3 + 8, generator=generator, dtype=torch.float64)

    def loss(flat):
        hidden = torch.tanh(inputs @ flat[:24].reshape(8, 3).T)
        return (hidden @ flat[24:] - targets).square().mean()

    def gradient(parameters):
        flat = parameters["flat"].detach().requires_grad_()
        return {"flat": torch.autograd.grad(loss(flat), flat)[0]}

    def largest_curvature(radius):
        parameters = {"flat": start}
        for _ in range(150):
            used = Sam(radius=radius).gradients(parameters, gradient(parameters), gradient)
            parameters = {"flat": parameters["flat"] - 0.2 * used["flat"]}
        return torch.linalg.eigvalsh(torch.func.hessian(loss)(parameters["flat"])).max().item()

    return {radius: largest_curvature(radius) for radius in (0.0, 0.2)}


def test_a_trained_network_lies_in_a_flatter_minimum(sharpness) -> None:
    assert math.isfinite(sharpness[0.2])
    assert sharpness[0.2] < 0.8 * sharpness[0.0]
