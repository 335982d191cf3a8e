"""Alpha dropout."""

import pytest
import torch

from regcore.regularizers.alpha_dropout import AlphaDropout
from regcore.sites import Site

KEY = torch.tensor(12345, dtype=torch.int32)
SITE = Site("hidden.0", (1000,))
NORMAL = torch.randn(200, 1000, generator=torch.Generator().manual_seed(0))


def dropped(rate, activation=NORMAL, key=KEY):
    return AlphaDropout(rate=rate).apply(activation, key, SITE)


@pytest.mark.parametrize("rate", [0.05, 0.2, 0.6])
def test_mean_zero_and_variance_one_stay(rate) -> None:
    output = dropped(rate).double()
    assert output.mean().item() == pytest.approx(0.0, abs=5 / NORMAL.numel() ** 0.5)
    assert output.var().item() == pytest.approx(1.0, rel=0.02)


def test_the_rate_is_the_share_of_units_that_take_the_lowest_value() -> None:
    output = dropped(0.25)
    lowest = output.flatten().mode().values
    share = (output == lowest).double().mean().item()
    assert share == pytest.approx(0.25, abs=5 * (0.25 * 0.75 / NORMAL.numel()) ** 0.5)


def test_rate_zero_is_the_identity_to_the_bit() -> None:
    assert torch.equal(dropped(0.0), NORMAL)


def test_a_dropped_unit_is_the_same_whatever_it_was() -> None:
    infinite = dropped(0.5, torch.full((100, 10), torch.inf))
    assert len(infinite[infinite.isfinite()].unique()) == 1


def test_the_key_decides() -> None:
    assert torch.equal(dropped(0.5), dropped(0.5))
    assert not torch.equal(dropped(0.5), dropped(0.5, key=KEY + 1))


def test_each_lane_has_its_own_rate() -> None:
    rates = torch.tensor([0.0, 0.25, 0.75])
    for lane, rate in zip(torch.func.vmap(dropped)(rates), rates, strict=True):
        torch.testing.assert_close(lane, dropped(rate))
