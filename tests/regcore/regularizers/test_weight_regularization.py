"""Weight regularization: λ Σ|w| or λ Σw²."""

import pytest
import torch

from regcore.regularizers.l1 import L1
from regcore.regularizers.l2 import L2
from regcore.regularizers.weight_regularization import WeightRegularization

WEIGHTS = {"weight": torch.tensor([[1.0, -2.0], [0.0, 3.0]])}


def test_with_the_norm_l1_it_is_the_sum_of_absolute_weights() -> None:
    assert WeightRegularization(norm="l1", strength=0.5).penalty(WEIGHTS).item() == 3.0


def test_with_the_norm_l2_it_is_the_sum_of_squared_weights_not_halved() -> None:
    assert WeightRegularization(norm="l2", strength=0.5).penalty(WEIGHTS).item() == 7.0


def test_with_the_norm_l1_it_is_l1() -> None:
    assert WeightRegularization(norm="l1", strength=0.1).penalty(WEIGHTS) == L1(strength=0.1).penalty(WEIGHTS)


def test_with_the_norm_l2_it_is_l2_of_twice_the_strength() -> None:
    assert WeightRegularization(norm="l2", strength=0.1).penalty(WEIGHTS) == L2(strength=0.2).penalty(WEIGHTS)


def test_the_gradient_of_its_square_is_twice_the_weight_times_its_strength() -> None:
    weight = torch.tensor([[1.0, -2.0, 0.0]], requires_grad=True)
    WeightRegularization(norm="l2", strength=0.25).penalty({"weight": weight}).backward()
    assert weight.grad.tolist() == [[0.5, -1.0, 0.0]]


@pytest.mark.parametrize("norm", ["l1", "l2"])
def test_without_strength_it_is_zero(norm) -> None:
    assert WeightRegularization(norm=norm, strength=0.0).penalty(WEIGHTS).item() == 0.0


def test_lanes_may_differ_in_the_norm() -> None:
    def penalty(norm, strength):
        return WeightRegularization(norm=norm, strength=strength).penalty(WEIGHTS)

    lanes = torch.func.vmap(penalty)(torch.tensor([0, 1]), torch.tensor([0.5, 0.5]))
    assert lanes.tolist() == [3.0, 7.0]
