"""Spectral normalization."""

import pytest
import torch
from torch.nn.functional import conv2d
from training_runs import digits_program, digits_split, trained

from regcore.architectures.mlp import Mlp
from regcore.lanes import Fit
from regcore.regularizers.spectral_norm import SpectralNorm
from regcore.sites import Site

KEY = torch.tensor(1, dtype=torch.int32)


def drawn(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def started(rule, weight):
    return rule.state(Site("hidden.0", tuple(weight.shape)), weight, KEY)


def largest(weight):
    return torch.linalg.matrix_norm(weight.flatten(start_dim=1), 2)


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (5, 3, 2, 2)], ids=["tall", "wide", "convolution"])
def test_the_largest_singular_value_is_the_bound(shape) -> None:
    rule, weight = SpectralNorm(bound=2.0), 3 * drawn(*shape)
    used, _ = rule.train(weight, {}, started(rule, weight), KEY)
    torch.testing.assert_close(largest(used), torch.tensor(2.0).double(), rtol=1e-4, atol=0)


def test_the_weight_is_only_scaled() -> None:
    rule, weight = SpectralNorm(), torch.diag(torch.tensor([4.0, 2.0, 1.0])).double()
    used, _ = rule.train(weight, {}, started(rule, weight), KEY)
    torch.testing.assert_close(used, torch.diag(torch.tensor([1.0, 0.5, 0.25])).double())


def test_the_vector_follows_a_weight_that_changes() -> None:
    rule, one, other = SpectralNorm(), drawn(6, 4), drawn(6, 4, seed=1)
    state = started(rule, one)
    errors = []
    for _ in range(30):
        used, state = rule.train(other, {}, state, KEY)
        errors.append(abs(largest(used).item() - 1))
    assert errors[-1] < 1e-4 < errors[0]


def test_evaluation_estimates_more_closely_than_a_step_of_training() -> None:
    rule, one, other = SpectralNorm(), drawn(6, 4), drawn(6, 4, seed=1)
    state = started(rule, one)
    in_training = largest(rule.train(other, {}, state, KEY)[0])
    assert 1 <= largest(rule.evaluate(other, {}, state)) + 1e-9 < in_training


def test_the_gradient_keeps_the_largest_singular_value_as_it_is() -> None:
    """Growing W changes nothing: the gradient stands at right angles to W."""
    rule = SpectralNorm()
    weight = drawn(6, 4).requires_grad_()
    used, _ = rule.train(weight, {}, started(rule, weight.detach()), KEY)
    (used * drawn(6, 4, seed=2)).sum().backward()
    torch.testing.assert_close((weight.grad * weight).sum(), torch.zeros(()).double(), atol=1e-9, rtol=0)


def test_a_weight_of_zeros_stays_zero_with_a_finite_gradient() -> None:
    rule = SpectralNorm()
    weight = torch.zeros(3, 2, requires_grad=True)
    used, state = rule.train(weight, {}, started(rule, weight.detach()), KEY)
    used.sum().backward()
    assert torch.equal(used, torch.zeros(3, 2))
    assert torch.all(weight.grad.isfinite())
    assert state["left"].isfinite().all()


def test_a_convolution_stretches_by_no_more_than_its_kernel_times_the_bound() -> None:
    rule, weight = SpectralNorm(bound=1.0), drawn(5, 2, 3, 3)
    used = rule.evaluate(weight, {}, started(rule, weight))
    images = drawn(200, 2, 7, 7, seed=3)
    stretched = conv2d(images, used, padding=1).flatten(1).norm(dim=1) / images.flatten(1).norm(dim=1)
    assert stretched.max() <= 3.0


def test_on_digits_the_network_stretches_no_difference_of_rows_beyond_the_product_of_its_bounds() -> None:
    rate = {"training.optimizer.learning_rate": 0.01}
    fits = [Fit("plain", 0, 10, rate), Fit("bounded", 0, 10, {**rate, "spectral_norm.bound": 1.0})]
    split = digits_split("digits-table")
    ends = trained(digits_program(["spectral_norm"], Mlp(width=16, depth=1)), fits, 2, split).ends
    steepness = {}
    for key, end in ends.items():
        weights, state = end.weights.parameters, end.weights.state
        used = {
            path: SpectralNorm(bound=1.0).evaluate(
                weights[f"{path}.weight"], {}, {"left": state[f"spectral_norm/{path}/left"]}
            )
            if key == "bounded"
            else weights[f"{path}.weight"]
            for path in ("hidden.0", "output")
        }
        rows = split.inputs_validation
        logits = (rows @ used["hidden.0"].T + weights["hidden.0.bias"]).relu() @ used["output"].T
        apart = torch.pdist(logits) / torch.pdist(rows).clamp(min=1e-6)
        steepness[key] = apart.max().item()
    assert steepness["bounded"] <= 1.001
    assert steepness["plain"] > 1.5
    assert ends["bounded"].value > 0.8
