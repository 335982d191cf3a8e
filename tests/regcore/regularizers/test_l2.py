"""The L2 penalty λ/2 Σw²."""

import pytest
import torch

from regcore.regularizers.l2 import L2

WEIGHTS = {"a": torch.tensor([[1.0, -2.0], [0.0, 3.0]]), "b": torch.tensor([[-4.0]])}


def test_it_is_half_the_sum_of_squared_weights_times_its_strength() -> None:
    assert L2(strength=0.5).penalty(WEIGHTS).item() == 7.5


def test_its_gradient_is_the_weight_times_its_strength() -> None:
    weight = torch.tensor([[1.0, -2.0, 0.0]], requires_grad=True)
    L2(strength=0.25).penalty({"weight": weight}).backward()
    assert weight.grad.tolist() == [[0.25, -0.5, 0.0]]


def test_it_grows_with_the_square_of_the_weights() -> None:
    doubled = {name: 2 * weight for name, weight in WEIGHTS.items()}
    assert L2(strength=0.5).penalty(doubled) == 4 * L2(strength=0.5).penalty(WEIGHTS)


def test_without_strength_it_is_zero() -> None:
    assert L2(strength=0.0).penalty(WEIGHTS).item() == 0.0


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_with_gradient_descent_it_is_the_weight_decay_of_torch(momentum) -> None:
    start = torch.randn(4, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    penalized, decayed = start.clone().requires_grad_(), start.clone().requires_grad_()
    plain = torch.optim.SGD([penalized], lr=0.1, momentum=momentum)
    decaying = torch.optim.SGD([decayed], lr=0.1, momentum=momentum, weight_decay=0.25)
    for _ in range(20):
        plain.zero_grad()
        decaying.zero_grad()
        (penalized.sin().sum() + L2(strength=0.25).penalty({"weight": penalized})).backward()
        decayed.sin().sum().backward()
        plain.step()
        decaying.step()
    torch.testing.assert_close(penalized, decayed)
