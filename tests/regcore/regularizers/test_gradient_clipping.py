"""Gradient clipping: by the norm of all gradients, by the value of each, and by the norm of each unit's weights."""

import pytest
import torch

from regcore.regularizers.gradient_clipping import GradientClipping

THREE_FOUR = {"weight": torch.tensor([[3.0], [0.0]]), "bias": torch.tensor([4.0])}
KEY = torch.tensor(0, dtype=torch.int32)


def clipped(gradients, parameters=None, **values):
    return GradientClipping(**values).gradients(gradients, parameters or gradients, torch.tensor(0), KEY)


def test_the_norm_of_all_gradients_together_is_bounded() -> None:
    found = clipped(THREE_FOUR, method="norm", limit=1.0)
    torch.testing.assert_close(found["weight"], torch.tensor([[0.6], [0.0]]))
    torch.testing.assert_close(found["bias"], torch.tensor([0.8]))


@pytest.mark.parametrize("method", ["norm", "value", "adaptive"])
def test_gradients_within_the_bound_stay_to_the_bit(method) -> None:
    found = clipped(THREE_FOUR, method=method, limit=5.1, ratio=1.1)
    assert all(torch.equal(found[name], THREE_FOUR[name]) for name in THREE_FOUR)


def test_each_element_is_cut_to_the_limit() -> None:
    gradients = {"weight": torch.tensor([[-7.0, 0.5, 2.0]])}
    assert torch.equal(clipped(gradients, method="value", limit=1.5)["weight"], torch.tensor([[-1.5, 0.5, 1.5]]))


def test_a_units_gradient_is_at_most_its_share_of_the_units_weights() -> None:
    parameters = {"weight": torch.tensor([[3.0, 4.0], [30.0, 40.0]])}
    gradients = {"weight": torch.tensor([[0.0, 2.0], [0.0, 2.0]])}
    found = clipped(gradients, parameters, method="adaptive", ratio=0.1)["weight"]
    torch.testing.assert_close(found, torch.tensor([[0.0, 0.5], [0.0, 2.0]]))


def test_a_unit_whose_weights_are_zero_may_move() -> None:
    zeros = {"weight": torch.zeros(1, 2)}
    found = clipped({"weight": torch.tensor([[3.0, 4.0]])}, zeros, method="adaptive", ratio=0.1)["weight"]
    torch.testing.assert_close(found.norm(), torch.tensor(1e-4))


@pytest.mark.parametrize("method", ["norm", "value", "adaptive"])
def test_no_gradient_stays_no_gradient(method) -> None:
    zeros = {"weight": torch.zeros(2, 2)}
    assert torch.equal(clipped(zeros, method=method)["weight"], torch.zeros(2, 2))


def test_each_fit_has_a_norm_and_a_method_of_its_own() -> None:
    gradients = torch.tensor([[[3.0, 4.0]], [[30.0, 40.0]], [[3.0, 4.0]]])
    methods = torch.tensor([0, 0, 1])
    found = torch.func.vmap(lambda gradient, method: clipped({"weight": gradient}, method=method)["weight"])(
        gradients, methods
    )
    torch.testing.assert_close(found, torch.tensor([[[0.6, 0.8]], [[0.6, 0.8]], [[1.0, 1.0]]]))
