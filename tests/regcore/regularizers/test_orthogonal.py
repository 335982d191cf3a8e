"""Soft orthogonality: λ Σ ‖W Wᵀ − I‖²."""

import torch
from training_runs import digits_program, digits_split, trained

from regcore.architectures.mlp import Mlp
from regcore.lanes import Fit
from regcore.regularizers.orthogonal import Orthogonal


def normal(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def penalty(*weights, strength=1.0):
    return Orthogonal(strength=strength).penalty({str(place): weight for place, weight in enumerate(weights)})


def test_it_sums_the_squared_entries_of_the_products_less_the_identity() -> None:
    """Rows (1, 1) and (0, 2): products ((2, 2), (2, 4)), less I ((1, 2), (2, 3))."""
    assert penalty(torch.tensor([[1.0, 1.0], [0.0, 2.0]]), strength=0.5).item() == 9.0


def test_layers_are_added_up_and_filters_are_rows() -> None:
    images = normal(4, 3, 2, 2)
    torch.testing.assert_close(penalty(images, normal(2, 5)), penalty(images.reshape(4, 12)) + penalty(normal(2, 5)))


def test_orthonormal_rows_cost_nothing() -> None:
    rows, _ = torch.linalg.qr(normal(6, 4))
    torch.testing.assert_close(penalty(rows.T), torch.zeros((), dtype=torch.float64), atol=1e-24, rtol=0)


def test_its_gradient_is_that_of_the_formula() -> None:
    weight = normal(3, 5).requires_grad_()
    penalty(weight, strength=0.1).backward()
    with torch.no_grad():
        expected = 0.4 * (weight @ weight.T - torch.eye(3, dtype=torch.float64)) @ weight
    torch.testing.assert_close(weight.grad, expected)


def test_with_more_rows_than_columns_it_makes_the_columns_orthogonal() -> None:
    weight, other = normal(5, 3).requires_grad_(), normal(5, 3).requires_grad_()
    penalty(weight).backward()
    penalty(other.T).backward()
    torch.testing.assert_close(weight.grad, other.grad)


def test_without_strength_it_is_zero() -> None:
    assert penalty(normal(3, 5), strength=0.0).item() == 0.0


def test_on_digits_rows_come_closer_to_orthonormal() -> None:
    rate = {"training.optimizer.learning_rate": 0.01}
    fits = [Fit("plain", 0, 10, rate), Fit("orthogonal", 0, 10, {**rate, "orthogonal.strength": 1e-2})]
    program = digits_program(["orthogonal"], Mlp(width=16, depth=1))
    ends = trained(program, fits, 2, digits_split("digits-table")).ends
    distances = {key: penalty(end.weights.parameters["hidden.0.weight"]).item() for key, end in ends.items()}
    assert distances["orthogonal"] < 0.1 * distances["plain"]
    assert ends["orthogonal"].value > 0.85
