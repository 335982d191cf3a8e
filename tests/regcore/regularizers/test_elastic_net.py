"""The elastic net λ₁ Σ|w| + λ₂/2 Σw²."""

import torch

from regcore.regularizers.elastic_net import ElasticNet
from regcore.regularizers.l1 import L1
from regcore.regularizers.l2 import L2

WEIGHTS = {"weight": torch.randn(4, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)}


def test_without_its_square_it_is_l1() -> None:
    assert ElasticNet(l1=0.25, l2=0.0).penalty(WEIGHTS) == L1(strength=0.25).penalty(WEIGHTS)


def test_without_its_absolute_it_is_l2() -> None:
    assert ElasticNet(l1=0.0, l2=0.25).penalty(WEIGHTS) == L2(strength=0.25).penalty(WEIGHTS)


def test_it_is_the_sum_of_l1_and_l2() -> None:
    both = L1(strength=0.25).penalty(WEIGHTS) + L2(strength=0.5).penalty(WEIGHTS)
    torch.testing.assert_close(ElasticNet(l1=0.25, l2=0.5).penalty(WEIGHTS), both)


def test_its_gradient_is_the_sign_and_the_weight_each_with_its_own_strength() -> None:
    weight = torch.tensor([[1.0, -2.0, 0.0]], requires_grad=True)
    ElasticNet(l1=0.25, l2=0.5).penalty({"weight": weight}).backward()
    assert weight.grad.tolist() == [[0.75, -1.25, 0.0]]


def test_it_shrinks_correlated_weights_together() -> None:
    apart = torch.tensor([[2.0, 0.0]])
    shared = torch.tensor([[1.0, 1.0]])
    net = ElasticNet(l1=0.1, l2=0.1)
    assert net.penalty({"weight": shared}) < net.penalty({"weight": apart})


def test_its_minimum_is_that_of_scikit_learn() -> None:
    from sklearn.linear_model import ElasticNet as Reference

    generator = torch.Generator().manual_seed(1)
    rows = torch.randn(50, 4, generator=generator, dtype=torch.float64)
    target = rows @ torch.tensor([2.0, -1.0, 0.5, 0.0], dtype=torch.float64)
    alpha, share = 0.125, 0.5
    reference = Reference(alpha=alpha, l1_ratio=share, fit_intercept=False, tol=1e-12).fit(rows, target)
    found = torch.tensor(reference.coef_).requires_grad_()
    loss = (rows @ found - target).square().mean() / 2
    (loss + ElasticNet(l1=alpha * share, l2=alpha * (1 - share)).penalty({"weight": found[None]})).backward()
    torch.testing.assert_close(found.grad[found != 0], torch.zeros(3, dtype=torch.float64), atol=1e-9, rtol=0)
