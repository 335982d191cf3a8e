"""Dropout of the inputs."""

import pytest
import torch

from regcore.regularizers.input_dropout import InputDropout
from regcore.sites import Site

KEY = torch.tensor(12345, dtype=torch.int32)
ONES = torch.ones(100, 1000)


def hidden(rate, inputs=ONES, key=KEY):
    return InputDropout(rate=rate).apply(inputs, key, Site("inputs", tuple(inputs.shape[1:])))


def test_the_rate_is_the_share_of_features_that_are_hidden() -> None:
    share = (hidden(0.25) == 0).double().mean().item()
    assert share == pytest.approx(0.25, abs=5 * (0.25 * 0.75 / ONES.numel()) ** 0.5)


def test_the_features_that_stay_are_divided_by_the_probability_of_staying() -> None:
    assert set(hidden(0.75).unique().tolist()) == {0.0, 4.0}


def test_rate_zero_is_the_identity_to_the_bit() -> None:
    inputs = torch.randn(50, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    assert torch.equal(hidden(0.0, inputs), inputs)


def test_the_key_decides() -> None:
    assert torch.equal(hidden(0.5), hidden(0.5))
    assert not torch.equal(hidden(0.5), hidden(0.5, key=KEY + 1))


def test_each_lane_has_its_own_rate() -> None:
    rates = torch.tensor([0.0, 0.25, 0.75])
    for lane, rate in zip(torch.func.vmap(hidden)(rates), rates, strict=True):
        assert torch.equal(lane, hidden(rate))
