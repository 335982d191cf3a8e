"""Spectral penalty: λ/2 Σ σ², the largest singular values by the power method."""

import torch

from regcore.regularizers.spectral_penalty import SpectralPenalty

KEY = torch.tensor(12345, dtype=torch.int32)
WEIGHTS = {
    "a": torch.randn(6, 4, generator=torch.Generator().manual_seed(0)),
    "b": torch.randn(3, 2, 3, 3, generator=torch.Generator().manual_seed(1)),
}


def trained(steps, weights=WEIGHTS, strength=1.0):
    """The penalty after so many steps on weights that stay."""
    rule = SpectralPenalty(strength=strength)
    state = rule.state(weights, KEY)
    for _ in range(steps):
        penalty, state = rule.train(weights, state)
    return penalty, state


def exact(weights=WEIGHTS):
    return sum(torch.linalg.matrix_norm(weight.flatten(1), 2) ** 2 for weight in weights.values()) / 2


def test_it_is_half_the_squares_of_the_largest_singular_values() -> None:
    torch.testing.assert_close(trained(50, strength=0.3)[0], 0.3 * exact(), rtol=1e-4, atol=0)


def test_the_first_step_is_near_and_every_step_comes_nearer_from_below() -> None:
    steps = [trained(number)[0].item() for number in (1, 2, 4, 8)]
    assert 0.9 * exact() < steps[0]
    assert steps == sorted(steps)
    assert steps[-1] <= exact() * (1 + 1e-6)


def test_its_gradient_is_that_of_the_largest_singular_value() -> None:
    """∂(σ²/2)/∂W = σ u vᵀ."""
    weight = WEIGHTS["a"].clone().requires_grad_()
    penalty, _ = trained(100, {"a": weight})
    left, values, right = torch.linalg.svd(WEIGHTS["a"])
    expected = values[0] * torch.outer(left[:, 0], right[0])
    torch.testing.assert_close(torch.autograd.grad(penalty, weight)[0], expected, rtol=1e-3, atol=1e-3)


def test_it_follows_weights_that_change() -> None:
    rule, turned = SpectralPenalty(strength=1.0), {name: weight.flip(0) for name, weight in WEIGHTS.items()}
    _, state = trained(50)
    for _ in range(50):
        penalty, state = rule.train(turned, state)
    torch.testing.assert_close(penalty, exact(turned), rtol=1e-4, atol=0)


def test_weights_of_zero_cost_nothing_and_are_found_again_when_they_grow() -> None:
    zeros = {"a": torch.zeros(6, 4)}
    penalty, state = trained(3, zeros)
    assert penalty == 0
    grown = {"a": WEIGHTS["a"]}
    for _ in range(50):
        penalty, state = SpectralPenalty(strength=1.0).train(grown, state)
    torch.testing.assert_close(penalty, exact(grown), rtol=1e-4, atol=0)


def test_a_weight_starts_from_the_same_direction_whatever_other_weights_there_are() -> None:
    rule = SpectralPenalty()
    alone, together = rule.state({"b": WEIGHTS["b"]}, KEY), rule.state(WEIGHTS, KEY)
    assert torch.equal(alone["b"], together["b"])
