"""DeCov: the covariances between the units of a layer."""

import pytest
import torch
from training_runs import digits_program, digits_split, trained

from regcore.architectures.mlp import Mlp
from regcore.lanes import Fit
from regcore.regularizers.decov import Decov


def normal(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def penalty(activation, strength=1.0):
    return Decov(strength=strength).penalty(activation)


def test_it_is_half_the_squared_covariances_off_the_diagonal() -> None:
    """Units (1, −1) and (2, −2) over two rows: covariance 2, counted twice and halved."""
    assert penalty(torch.tensor([[1.0, 2.0], [-1.0, -2.0]]), strength=0.5).item() == 2.0


def test_it_is_the_formula_of_the_source_with_the_covariance_of_torch() -> None:
    activation = normal(20, 6)
    covariance = torch.cov(activation.T, correction=0)
    expected = 0.5 * (torch.linalg.matrix_norm(covariance) ** 2 - covariance.diagonal().square().sum())
    torch.testing.assert_close(penalty(activation), expected)


def test_of_an_image_the_channels_vary_together_over_rows_and_pixels() -> None:
    images = normal(5, 3, 4, 2)
    covariance = torch.cov(images.transpose(0, 1).flatten(start_dim=1), correction=0)
    expected = 0.5 * (covariance - covariance.diag().diag()).square().sum()
    torch.testing.assert_close(penalty(images), expected)


def test_the_units_variances_and_means_do_not_matter() -> None:
    one = torch.tensor([[1.0, 1.0], [-1.0, 1.0], [1.0, -1.0], [-1.0, -1.0]])
    assert penalty(one * torch.tensor([3.0, 5.0]) + 7).item() == 0.0


def test_a_unit_that_repeats_another_costs_the_square_of_its_variance() -> None:
    unit = normal(30, 1)
    torch.testing.assert_close(penalty(unit.expand(30, 2)), unit.var(correction=0) ** 2)


def test_without_strength_it_is_zero() -> None:
    assert penalty(normal(8, 3), strength=0.0).item() == 0.0


def test_on_digits_units_vary_together_less() -> None:
    rate = {"training.optimizer.learning_rate": 0.01}
    fits = [Fit("plain", 0, 10, rate), Fit("decov", 0, 10, {**rate, "decov.strength": 1e-1})]
    split = digits_split("digits-table")
    ends = trained(digits_program(["decov"], Mlp(width=16, depth=1)), fits, 2, split).ends
    covariance = {}
    for key, end in ends.items():
        weights = end.weights.parameters
        hidden = (split.inputs_validation @ weights["hidden.0.weight"].T + weights["hidden.0.bias"]).relu()
        covariance[key] = penalty(hidden).item()
    assert covariance["decov"] < 0.2 * covariance["plain"]
    assert ends["decov"].value == pytest.approx(ends["plain"].value, abs=0.05)
