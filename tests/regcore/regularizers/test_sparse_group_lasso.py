"""Sparse group lasso: the soft threshold of weights, then that of their groups."""

import pytest
import torch
from training_runs import digits_program, digits_split, trained

from regcore.architectures.mlp import Mlp
from regcore.lanes import Fit
from regcore.regularizers.group_lasso import GroupLasso
from regcore.regularizers.proximal_l1 import ProximalL1
from regcore.regularizers.sparse_group_lasso import SparseGroupLasso
from regcore.sites import Update

UPDATE = Update({}, torch.tensor(0.5, dtype=torch.float64), torch.tensor(0), {})


def normal(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def after(weights, groups="inputs", strength=1.0, share=0.5):
    return SparseGroupLasso(groups=groups, strength=strength, share=share).apply(weights, UPDATE)


def test_a_column_loses_from_each_weight_and_then_as_a_whole() -> None:
    """Threshold 0.5, half of it on weights: (3, 4, 0.2) → (2.75, 3.75, 0) → shortened by 0.25 √3."""
    column = torch.tensor([[3.0], [4.0], [0.2]], dtype=torch.float64)
    softened = torch.tensor([[2.75], [3.75], [0.0]], dtype=torch.float64)
    expected = softened * (1 - 0.25 * 3**0.5 / softened.norm())
    torch.testing.assert_close(after({"w": column})["w"], expected)


@pytest.mark.parametrize("groups", ["inputs", "units"])
def test_without_a_share_for_weights_it_is_the_group_lasso(groups) -> None:
    weights = {"first": normal(5, 4), "second": normal(3, 5)}
    expected = GroupLasso(groups=groups, strength=1.0).apply(weights, UPDATE)
    torch.testing.assert_close(after(weights, groups, share=0.0), expected)


def test_with_all_of_it_on_weights_it_is_proximal_l1_on_the_grouped_ones() -> None:
    weights = {"first": normal(5, 4), "second": normal(3, 5)}
    expected = ProximalL1(strength=1.0).apply(weights, UPDATE)
    torch.testing.assert_close(after(weights, "units", share=1.0), expected)
    by_inputs = after(weights, "inputs", share=1.0)
    torch.testing.assert_close(by_inputs["first"], expected["first"])
    assert torch.equal(by_inputs["second"], weights["second"])


def test_it_is_the_proximal_operator_of_both_penalties_together() -> None:
    """No small step in any direction from its result lowers the cost, which is convex."""
    weight, found = normal(3, 1), after({"w": normal(3, 1)})["w"]

    def cost(w):
        return (w - weight).square().sum() / 2 + 0.25 * w.abs().sum() + 0.25 * 3**0.5 * w.norm()

    for step in 1e-4 * torch.randn(500, 3, 1, generator=torch.Generator().manual_seed(1), dtype=torch.float64):
        assert cost(found + step) > cost(found)


def test_without_strength_weights_stay_to_the_bit() -> None:
    weights = {"w": normal(5, 4)}
    assert torch.equal(after(weights, strength=0.0)["w"], weights["w"])


def test_on_digits_whole_columns_go_and_single_weights_of_those_that_stay() -> None:
    descent = {"training.optimizer.learning_rate": 0.1, "training.optimizer.momentum": 0.9}
    values = {**descent, "sparse_group_lasso.strength": 0.1}
    program = digits_program(["sparse_group_lasso"], Mlp(width=16, depth=1), optimizer="sgd")
    outcome = trained(program, [Fit("a", 0, 20, values)], 1, digits_split("digits-table")).ends["a"]
    zeros = outcome.weights.parameters["hidden.0.weight"] == 0
    gone = zeros.all(0)
    assert 5 <= gone.sum() <= 40
    assert (zeros.any(0) & ~gone).sum() > 5
    assert outcome.value > 0.85
