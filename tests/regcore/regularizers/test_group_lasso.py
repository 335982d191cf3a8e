"""Group lasso: the block soft threshold at ηλ√d after each step."""

from dataclasses import replace

import pytest
import torch
from training_runs import digits_program, digits_split, trained

from regcore.architectures.mlp import Mlp
from regcore.lanes import Finished, Fit
from regcore.regularizers.group_lasso import GroupLasso, block_soft_threshold
from regcore.regularizers.proximal_l1 import soft_threshold
from regcore.sites import Update

RATE = torch.tensor(0.5)
FIRST = torch.tensor([[3.0, 0.1, 0.0], [4.0, -0.1, 0.0]])
WEIGHTS = {"hidden.0.weight": FIRST, "output.weight": torch.tensor([[0.1, 0.1], [6.0, 8.0]])}


def after(weights, groups, strength, learning_rate=RATE):
    update = Update({}, learning_rate, torch.tensor(0), {})
    return GroupLasso(groups=groups, strength=strength).apply(weights, update)


def normal(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def removed(weights) -> torch.Tensor:
    """Which columns of the first layer's weight are zeros throughout; fails where a column is so in part."""
    zeros = weights["hidden.0.weight"] == 0
    assert torch.equal(zeros.any(0), zeros.all(0))
    return zeros.all(0)


@pytest.fixture(scope="module")
def on_nuclei() -> dict[str, Finished]:
    """A plain fit, and one with the group lasso, of thirty measurements of cell nuclei, many of them correlated."""
    rate = {"training.optimizer.learning_rate": 0.01}
    fits = [Fit("plain", 0, 30, rate), Fit("lasso", 0, 30, {**rate, "group_lasso.strength": 0.6})]
    program = replace(digits_program(["group_lasso"], Mlp(width=16, depth=1)), outputs=2)
    return trained(program, fits, 2, digits_split("breast_cancer")).ends


def test_a_group_is_shortened_by_the_threshold_times_the_root_of_its_size() -> None:
    column = after(WEIGHTS, "inputs", strength=1.0)["hidden.0.weight"][:, 0]
    torch.testing.assert_close(column, torch.tensor([3.0, 4.0]) * (5 - 0.5 * 2**0.5) / 5)


def test_a_group_within_the_threshold_becomes_exactly_zero_as_a_whole() -> None:
    assert after(WEIGHTS, "inputs", strength=1.0)["hidden.0.weight"][:, 1:].tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_groups_of_inputs_are_those_of_the_first_layer_alone() -> None:
    assert torch.equal(after(WEIGHTS, "inputs", strength=9.0)["output.weight"], WEIGHTS["output.weight"])


def test_groups_of_units_are_rows_of_every_layer() -> None:
    weights = after(WEIGHTS, "units", strength=1.0)
    torch.testing.assert_close(weights["hidden.0.weight"][0], FIRST[0] * (1 - 0.5 * 3**0.5 / FIRST[0].norm()))
    torch.testing.assert_close(weights["output.weight"], torch.tensor([[0.0, 0.0], [5.575736, 7.434315]]))


def test_an_input_of_a_convolution_is_a_channel_and_a_unit_a_filter() -> None:
    images = normal(4, 3, 2, 2)
    flat = images.transpose(0, 1).flatten(start_dim=1)
    expected = block_soft_threshold(flat, RATE, axis=0).reshape(3, 4, 2, 2).transpose(0, 1)
    torch.testing.assert_close(after({"block.0.weight": images}, "inputs", 1.0)["block.0.weight"], expected)
    units = block_soft_threshold(images.flatten(start_dim=1), RATE, axis=0).reshape(images.shape)
    torch.testing.assert_close(after({"block.0.weight": images}, "units", 1.0)["block.0.weight"], units)


def test_groups_of_one_weight_are_softly_thresholded() -> None:
    weight = normal(1, 50)
    torch.testing.assert_close(block_soft_threshold(weight, RATE, axis=1), soft_threshold(weight, RATE))


def test_it_is_the_proximal_operator_of_the_groups_norms() -> None:
    """Where the cost is least its gradient is zero, and at a group of zeros a subgradient is."""
    weight = 0.5 * normal(8, 40)
    threshold = torch.tensor(0.5, dtype=torch.float64)
    found = block_soft_threshold(weight, threshold, axis=1)
    gone = (found == 0).all(0)
    assert 0 < gone.sum() < 40
    kept = found[:, ~gone].requires_grad_()
    cost = (kept - weight[:, ~gone]).square().sum() / 2 + threshold * 8**0.5 * kept.norm(dim=0).sum()
    (gradient,) = torch.autograd.grad(cost, kept)
    torch.testing.assert_close(gradient, torch.zeros_like(gradient), atol=1e-12, rtol=0)
    assert torch.all(weight[:, gone].norm(dim=0) <= threshold * 8**0.5)


def test_without_strength_weights_stay_to_the_bit_also_where_their_squares_vanish() -> None:
    weights = {"hidden.0.weight": torch.tensor([[1e-30, 0.0, 3.0, -1e30]])}
    for groups in ("inputs", "units"):
        assert torch.equal(after(weights, groups, 0.0)["hidden.0.weight"], weights["hidden.0.weight"])


def test_on_real_data_whole_columns_become_exactly_zero_and_the_others_do_not(on_nuclei) -> None:
    assert 5 <= removed(on_nuclei["lasso"].weights.parameters).sum() <= 20
    assert not removed(on_nuclei["plain"].weights.parameters).any()


def test_on_real_data_what_a_removed_column_holds_changes_nothing(on_nuclei) -> None:
    rows = digits_split("breast_cancer").inputs_validation
    gone = removed(on_nuclei["lasso"].weights.parameters)
    for name, same in (("lasso", True), ("plain", False)):
        weight = on_nuclei[name].weights.parameters["hidden.0.weight"]
        hidden, other = (inputs @ weight.T for inputs in (rows, torch.where(gone, 1e3, rows)))
        assert torch.allclose(hidden, other, atol=1e-4) is same


def test_on_real_data_the_network_without_those_columns_is_as_good(on_nuclei) -> None:
    assert on_nuclei["lasso"].value > on_nuclei["plain"].value - 0.02 > 0.9


def test_on_digits_gradient_descent_removes_columns_too() -> None:
    values = {"training.optimizer.learning_rate": 0.1, "training.optimizer.momentum": 0.9, "group_lasso.strength": 0.1}
    program = digits_program(["group_lasso"], Mlp(width=16, depth=1), optimizer="sgd")
    split = digits_split("digits-table")
    outcome = trained(program, [Fit("a", 0, 20, values)], 1, split).ends["a"]
    gone = removed(outcome.weights.parameters)
    assert 5 <= gone.sum() <= 30
    assert outcome.value > 0.9


def test_gradient_steps_on_the_penalty_itself_remove_no_column() -> None:
    """Why the proximal form is the one on offer."""
    stepped, thresholded = 0.1 * normal(8, 20), 0.1 * normal(8, 20)
    for _ in range(100):
        stepped.requires_grad_()
        penalty = 0.5 * 8**0.5 * stepped.norm(dim=0).sum()
        (gradient,) = torch.autograd.grad(penalty, stepped)
        stepped = (stepped - 0.01 * gradient).detach()
        thresholded = block_soft_threshold(thresholded, torch.tensor(0.01 * 0.5), axis=1)
    assert (stepped == 0).sum() == 0
    assert (thresholded == 0).all()
