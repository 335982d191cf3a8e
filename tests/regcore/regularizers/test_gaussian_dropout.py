"""Gaussian dropout."""

import pytest
import torch

from regcore.regularizers.dropout import Dropout
from regcore.regularizers.gaussian_dropout import GaussianDropout
from regcore.sites import Site

KEY = torch.tensor(12345, dtype=torch.int32)
SITE = Site("hidden.0", (1000,))
ONES = torch.ones(100, 1000)


def disturbed(rate, activation=ONES, key=KEY):
    return GaussianDropout(rate=rate).apply(activation, key, SITE)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
def test_the_factors_have_mean_one_and_the_variance_of_dropout(rate) -> None:
    factors, variance = disturbed(rate).double(), rate / (1 - rate)
    assert factors.mean().item() == pytest.approx(1.0, abs=5 * (variance / ONES.numel()) ** 0.5)
    assert factors.var().item() == pytest.approx(variance, rel=5 * (2 / ONES.numel()) ** 0.5)
    of_dropout = Dropout(rate=rate).apply(ONES, KEY, SITE).double().var().item()
    assert factors.var().item() == pytest.approx(of_dropout, rel=0.05)


def test_no_unit_is_off() -> None:
    assert not (disturbed(0.5) == 0).any()


def test_rate_zero_is_the_identity_to_the_bit() -> None:
    activation = torch.randn(50, 20, generator=torch.Generator().manual_seed(0))
    assert torch.equal(disturbed(0.0, activation), activation)


def test_the_key_decides() -> None:
    assert torch.equal(disturbed(0.5), disturbed(0.5))
    assert not torch.equal(disturbed(0.5), disturbed(0.5, key=KEY + 1))


def test_each_lane_has_its_own_rate() -> None:
    rates = torch.tensor([0.0, 0.25, 0.75])
    for lane, rate in zip(torch.func.vmap(disturbed)(rates), rates, strict=True):
        torch.testing.assert_close(lane, disturbed(rate))
