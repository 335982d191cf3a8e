"""DropConnect."""

import pytest
import torch

from regcore.regularizers.drop_connect import DropConnect

KEY = torch.tensor(12345, dtype=torch.int32)
ONES = torch.ones(300, 300)


def used(rate, weight=ONES, key=KEY):
    return DropConnect(rate=rate).train(weight, {}, {}, key)[0]


def test_the_rate_is_the_share_of_weights_that_are_left_out() -> None:
    share = (used(0.25) == 0).double().mean().item()
    assert share == pytest.approx(0.25, abs=5 * (0.25 * 0.75 / ONES.numel()) ** 0.5)


def test_the_weights_that_are_kept_are_divided_by_the_probability_of_keeping() -> None:
    assert set(used(0.75).unique().tolist()) == {0.0, 4.0}


def test_the_weight_is_right_on_average() -> None:
    assert used(0.5).double().mean().item() == pytest.approx(1.0, abs=5 / ONES.numel() ** 0.5)


def test_rate_zero_and_evaluation_leave_the_weight_to_the_bit() -> None:
    weight = torch.randn(20, 30, generator=torch.Generator().manual_seed(0))
    assert torch.equal(used(0.0, weight), weight)
    assert torch.equal(DropConnect(rate=0.9).evaluate(weight, {}, {}), weight)


def test_the_same_key_leaves_out_the_same_weights_and_another_key_others() -> None:
    assert torch.equal(used(0.5), used(0.5))
    assert not torch.equal(used(0.5), used(0.5, key=KEY + 1))


def test_gradients_pass_where_the_weight_does() -> None:
    weight = torch.ones(10, 10, requires_grad=True)
    output = used(0.5, weight)
    output.sum().backward()
    assert torch.equal(weight.grad, output.detach())


def test_a_weight_that_is_left_out_is_zero_whatever_it_was() -> None:
    assert set(used(0.5, torch.full((20, 20), torch.inf)).unique().tolist()) == {0.0, torch.inf}
