"""Proximal L1: the soft threshold at ηλ after each step."""

import torch
from torch.nn import functional

from regcore.regularizers.decoupled_weight_decay import DecoupledWeightDecay
from regcore.regularizers.l1 import L1
from regcore.regularizers.proximal_l1 import ProximalL1, soft_threshold
from regcore.sites import Update

RATE = torch.tensor(0.5)


def after(weight, strength, learning_rate=RATE):
    update = Update({}, learning_rate, torch.tensor(0), {})
    return ProximalL1(strength=strength).apply({"weight": weight}, update)["weight"]


def test_it_takes_the_learning_rate_times_its_strength_off_each_weight() -> None:
    assert after(torch.tensor([2.0, -2.0]), strength=1.0).tolist() == [1.5, -1.5]


def test_weights_within_the_threshold_become_exactly_zero() -> None:
    assert after(torch.tensor([0.5, -0.25, 0.0]), strength=1.0).tolist() == [0.0, 0.0, 0.0]


def test_without_strength_weights_stay_to_the_bit() -> None:
    weight = torch.randn(1000, generator=torch.Generator().manual_seed(0))
    assert torch.equal(after(weight, strength=0.0), weight)


def test_it_is_the_softshrink_of_torch() -> None:
    weight = torch.randn(1000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    torch.testing.assert_close(after(weight, strength=0.25), functional.softshrink(weight, 0.125))


def test_it_is_the_proximal_operator_of_l1() -> None:
    candidates = torch.linspace(-3, 3, 60_001, dtype=torch.float64)
    for weight in (-2.0, -0.3, 0.1, 1.25):
        cost = (candidates - weight).square() / 2 + 0.5 * candidates.abs()
        best = candidates[cost.argmin()]
        torch.testing.assert_close(soft_threshold(torch.tensor(weight), RATE).double(), best, atol=1e-4, rtol=0)


def test_it_brings_no_two_weights_further_apart() -> None:
    generator = torch.Generator().manual_seed(0)
    one, other = torch.randn(2, 1000, generator=generator)
    apart = (soft_threshold(one, RATE) - soft_threshold(other, RATE)).abs()
    assert torch.all(apart <= (one - other).abs() + 1e-6)


def test_each_lane_has_its_own_threshold() -> None:
    weight = torch.tensor([1.0, -0.2])
    lanes = torch.func.vmap(lambda strength, rate: after(weight, strength, rate))(
        torch.tensor([0.0, 1.0]), torch.tensor([0.5, 0.5])
    )
    assert lanes.tolist() == [[1.0, torch.tensor(-0.2).item()], [0.5, 0.0]]


def test_with_gradient_descent_it_finds_the_lasso_of_scikit_learn() -> None:
    from sklearn.linear_model import Lasso

    generator = torch.Generator().manual_seed(1)
    rows = torch.randn(60, 6, generator=generator, dtype=torch.float64)
    target = rows @ torch.tensor([3.0, -2.0, 0.5, 0.0, 0.0, 0.0], dtype=torch.float64)
    reference = torch.tensor(Lasso(alpha=0.25, fit_intercept=False, tol=1e-12).fit(rows, target).coef_)
    weight, rate = torch.zeros(6, dtype=torch.float64), torch.tensor(0.1, dtype=torch.float64)
    for _ in range(2000):
        weight = after(weight - rate * rows.T @ (rows @ weight - target) / 60, 0.25, rate)
    torch.testing.assert_close(weight, reference, atol=1e-8, rtol=0)
    assert torch.equal(weight == 0, reference == 0)


def test_it_makes_zeros_where_the_gradient_of_l1_makes_none() -> None:
    start = torch.linspace(0.015, 1.0, 50)
    thresholded, descended = start.clone(), start.clone().requires_grad_()
    for _ in range(10):
        thresholded = after(thresholded, 0.1, torch.tensor(0.1))
        (gradient,) = torch.autograd.grad(L1(strength=0.1).penalty({"weight": descended}), descended)
        descended = (descended - 0.1 * gradient).detach().requires_grad_()
    assert (thresholded == 0).sum() > 0
    assert (descended == 0).sum() == 0


def test_it_acts_after_decay_and_on_penalized_weights_only() -> None:
    assert ProximalL1.order > DecoupledWeightDecay.order
    assert ProximalL1.scope == "weights"
