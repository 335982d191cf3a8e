"""Weight normalization."""

import pytest
import torch
from training_runs import digits_program, digits_split, trained

from regcore.architectures.mlp import Mlp
from regcore.lanes import Fit
from regcore.regularizers.weight_norm import WeightNorm
from regcore.sites import Site

SHAPES = pytest.mark.parametrize("shape", [(4, 3), (4, 3, 2, 2)], ids=["linear", "convolution"])
RULE = WeightNorm()


def drawn(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def own_of(weight):
    return RULE.parameters(Site("hidden.0", tuple(weight.shape)), weight)


@SHAPES
def test_it_begins_with_the_network_as_it_was_to_the_bit(shape) -> None:
    weight = drawn(*shape)
    assert torch.equal(RULE.evaluate(weight, own_of(weight), {}), weight)


@SHAPES
def test_each_row_has_the_length_that_is_learned_and_the_direction_of_the_weight(shape) -> None:
    weight = drawn(*shape)
    length = torch.tensor([1.0, 2.0, 3.0, 4.0]).double().reshape(-1, *[1] * (len(shape) - 1))
    used = WeightNorm(epsilon=1e-12).evaluate(weight, {"length": length}, {}).flatten(start_dim=1)
    torch.testing.assert_close(used.norm(dim=1), length.flatten())
    along = torch.nn.functional.cosine_similarity(used, weight.flatten(start_dim=1))
    torch.testing.assert_close(along, torch.ones(4, dtype=torch.float64))


def test_the_length_of_the_learned_weight_means_nothing() -> None:
    weight = drawn(4, 3)
    torch.testing.assert_close(RULE.evaluate(5 * weight, own_of(weight), {}), weight)


def test_a_row_of_zeros_stays_zero_and_has_a_finite_gradient() -> None:
    weight = torch.zeros(2, 3, requires_grad=True)
    used, _ = RULE.train(weight, own_of(weight.detach()), {}, torch.tensor(1, dtype=torch.int32))
    used.sum().backward()
    assert torch.equal(used, torch.zeros(2, 3))
    assert torch.all(weight.grad.isfinite())


def test_on_digits_it_learns_and_its_lengths_move() -> None:
    values = {"training.optimizer.learning_rate": 0.01, "weight_norm.epsilon": 1e-8}
    program = digits_program(["weight_norm"], Mlp(width=16, depth=1))
    outcome = trained(program, [Fit("a", 0, 10, values)], 1, digits_split("digits-table")).ends["a"]
    weights = outcome.weights.parameters
    assert outcome.value > 0.85
    lengths = weights["hidden.0.weight_norm.length"]
    assert not torch.allclose(lengths[:, 0], weights["hidden.0.weight"].norm(dim=1), rtol=0.01)
