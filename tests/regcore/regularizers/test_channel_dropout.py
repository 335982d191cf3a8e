"""Dropout of whole channels."""

import pytest
import torch

from regcore.regularizers.channel_dropout import ChannelDropout
from regcore.sites import Site

KEY = torch.tensor(12345, dtype=torch.int32)
ONES = torch.ones(100, 80, 3, 4)


def dropped(rate, activation=ONES, key=KEY):
    return ChannelDropout(rate=rate).apply(activation, key, Site("block.0", tuple(activation.shape[1:])))


def test_all_pixels_of_a_channel_share_their_fate() -> None:
    output = dropped(0.5)
    assert torch.equal(output.amin((2, 3)), output.amax((2, 3)))


def test_the_rate_is_the_share_of_channels_that_are_dropped() -> None:
    share = (dropped(0.25)[:, :, 0, 0] == 0).double().mean().item()
    assert share == pytest.approx(0.25, abs=5 * (0.25 * 0.75 / 8000) ** 0.5)


def test_channels_that_stay_are_divided_by_the_probability_of_staying() -> None:
    assert set(dropped(0.75).unique().tolist()) == {0.0, 4.0}


def test_rows_drop_channels_of_their_own() -> None:
    fates = dropped(0.5)[:, :, 0, 0] == 0
    assert len({tuple(row.tolist()) for row in fates}) == 100


def test_rate_zero_is_the_identity_to_the_bit() -> None:
    activation = torch.randn(5, 4, 3, 2, generator=torch.Generator().manual_seed(0))
    assert torch.equal(dropped(0.0, activation), activation)


def test_an_activation_that_is_no_image_is_left_alone() -> None:
    assert torch.equal(dropped(0.9, ONES[:, :, 0, 0]), ONES[:, :, 0, 0])


def test_each_lane_has_its_own_rate() -> None:
    rates = torch.tensor([0.0, 0.25, 0.75])
    for lane, rate in zip(torch.func.vmap(dropped)(rates), rates, strict=True):
        assert torch.equal(lane, dropped(rate))
