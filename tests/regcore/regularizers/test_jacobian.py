"""Jacobian regularization: λ/2 ‖∂z/∂x‖², read from random directions."""

import pytest
import torch
from asked_passes import drawn, passes_of

from regcore.regularizers.jacobian import Jacobian

INPUTS = drawn(5, 4)
WEIGHTS = drawn(6, 4, seed=1), drawn(3, 6, seed=2)


def network(outputs=3):
    return lambda inputs, number: torch.tanh(inputs @ WEIGHTS[0].T) @ WEIGHTS[1][:outputs].T


def penalty(outputs=3, seed=12345, **values):
    targets = torch.ones(5, outputs, dtype=torch.float64) / outputs
    asked = passes_of(network(outputs), INPUTS, targets, seed)
    return Jacobian(**values).loss(asked) - asked.first.loss


def exact(outputs=3):
    """Half the squared Frobenius norm, the mean over the rows."""
    rows = torch.func.vmap(torch.func.jacrev(lambda row: network(outputs)(row[None], 0)[0]))(INPUTS)
    return rows.square().sum((1, 2)).mean() / 2


def test_with_one_output_it_is_exact() -> None:
    torch.testing.assert_close(penalty(outputs=1, strength=0.3), 0.3 * exact(outputs=1))


def test_over_many_draws_it_is_the_norm_of_the_whole_jacobian() -> None:
    seeds = torch.arange(400, dtype=torch.int32)
    targets = torch.ones(5, 3, dtype=torch.float64) / 3

    def estimate(seed):
        asked = passes_of(network(), INPUTS, targets)._replace(key=seed)
        return Jacobian(strength=1.0, projections=4).loss(asked) - asked.first.loss

    found = torch.func.vmap(estimate)(seeds)
    assert found.mean().item() == pytest.approx(exact().item(), abs=5 * found.std().item() / 20)
    assert found.std() < 0.2 * exact()


def test_more_projections_spread_less() -> None:
    one, many = (torch.stack([penalty(seed=seed, projections=n) for seed in range(15)]).std() for n in (1, 8))
    assert many < one / 2


def test_every_row_has_directions_of_its_own() -> None:
    same = INPUTS[:1].repeat(5, 1)
    asked = passes_of(network(), same, torch.ones(5, 3, dtype=torch.float64) / 3)
    row = [passes_of(network(), same[:1], torch.ones(1, 3, dtype=torch.float64) / 3)]
    assert Jacobian().loss(asked) - asked.first.loss != Jacobian().loss(row[0]) - row[0].first.loss


def test_weights_get_the_gradient_of_the_penalty() -> None:
    """Of a linear network of one output the penalty is λ/2 ‖w‖², its gradient λ w."""
    weight = drawn(1, 4, seed=3).requires_grad_()
    asked = passes_of(lambda inputs, number: inputs @ weight.T, INPUTS, torch.ones(5, 1, dtype=torch.float64))
    penalty = Jacobian(strength=0.3).loss(asked) - asked.first.loss
    torch.testing.assert_close(torch.autograd.grad(penalty, weight)[0], 0.3 * weight.detach())
