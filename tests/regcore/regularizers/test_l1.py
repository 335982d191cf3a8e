"""The L1 penalty λ Σ|w|."""

import torch

from regcore.regularizers.l1 import L1

WEIGHTS = {"a": torch.tensor([[1.0, -2.0], [0.0, 3.0]]), "b": torch.tensor([[-4.0]])}


def test_it_is_the_sum_of_absolute_weights_times_its_strength() -> None:
    assert L1(strength=0.5).penalty(WEIGHTS).item() == 5.0


def test_its_gradient_is_the_sign_times_its_strength_and_zero_at_zero() -> None:
    weight = torch.tensor([[1.0, -2.0, 0.0]], requires_grad=True)
    L1(strength=0.25).penalty({"weight": weight}).backward()
    assert weight.grad.tolist() == [[0.25, -0.25, 0.0]]


def test_it_does_not_depend_on_signs() -> None:
    flipped = {name: -weight for name, weight in WEIGHTS.items()}
    assert L1(strength=0.1).penalty(flipped) == L1(strength=0.1).penalty(WEIGHTS)


def test_it_grows_in_proportion_to_the_weights() -> None:
    doubled = {name: 2 * weight for name, weight in WEIGHTS.items()}
    assert L1(strength=0.1).penalty(doubled) == 2 * L1(strength=0.1).penalty(WEIGHTS)


def test_without_strength_it_is_zero() -> None:
    assert L1(strength=0.0).penalty(WEIGHTS).item() == 0.0


def test_it_equals_the_norm_of_torch() -> None:
    weight = torch.randn(7, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    penalty = L1(strength=1e-3).penalty({"weight": weight})
    torch.testing.assert_close(penalty, 1e-3 * torch.linalg.vector_norm(weight, 1))
