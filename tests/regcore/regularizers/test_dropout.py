"""Inverted dropout."""

import pytest
import torch

from regcore.regularizers.dropout import Dropout, share_of_rate
from regcore.sites import Site

KEY = torch.tensor(12345, dtype=torch.int32)
SITE = Site("hidden.0", (1000,))
ONES = torch.ones(100, 1000)


def dropped(rate, activation=ONES, key=KEY):
    return Dropout(rate=rate).apply(activation, key, SITE)


def test_the_rate_is_the_share_of_units_that_are_dropped() -> None:
    share = (dropped(0.25) == 0).double().mean().item()
    assert share == pytest.approx(0.25, abs=5 * (0.25 * 0.75 / ONES.numel()) ** 0.5)


def test_the_units_that_are_kept_are_divided_by_the_probability_of_keeping() -> None:
    assert set(dropped(0.75).unique().tolist()) == {0.0, 4.0}


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_the_activation_is_right_on_average(rate) -> None:
    spread = (rate / (1 - rate) / ONES.numel()) ** 0.5
    assert dropped(rate).double().mean().item() == pytest.approx(1.0, abs=5 * spread)


def test_rate_zero_is_the_identity_to_the_bit() -> None:
    activation = torch.randn(50, 20, generator=torch.Generator().manual_seed(0))
    assert torch.equal(dropped(0.0, activation), activation)


def test_gradients_pass_where_the_activation_does() -> None:
    activation = torch.ones(10, 10, requires_grad=True)
    output = dropped(0.5, activation)
    output.sum().backward()
    assert torch.equal(activation.grad, output.detach())


def test_a_dropped_unit_is_zero_whatever_it_was() -> None:
    activation = torch.full((100, 10), torch.inf)
    assert set(dropped(0.5, activation).unique().tolist()) == {0.0, torch.inf}


def test_the_same_key_drops_the_same_units_and_another_key_others() -> None:
    assert torch.equal(dropped(0.5), dropped(0.5))
    assert not torch.equal(dropped(0.5), dropped(0.5, key=KEY + 1))


def test_units_and_rows_are_dropped_independently() -> None:
    mask = (dropped(0.5) == 0).double()
    assert mask.mean(0).std().item() == pytest.approx((0.25 / 100) ** 0.5, rel=0.2)
    assert mask.mean(1).std().item() == pytest.approx((0.25 / 1000) ** 0.5, rel=0.3)


def test_a_higher_rate_drops_more_of_the_same_units() -> None:
    low, high = dropped(0.2) == 0, dropped(0.6) == 0
    assert torch.all(high[low])


def test_each_lane_has_its_own_rate_and_key() -> None:
    rates, keys = torch.tensor([0.0, 0.25, 0.75]), torch.tensor([1, 2, 3], dtype=torch.int32)
    lanes = torch.func.vmap(lambda rate, key: dropped(rate, ONES, key))(rates, keys)
    for lane, rate, key in zip(lanes, rates, keys, strict=True):
        assert torch.equal(lane, dropped(rate, ONES, key))


def test_a_text_that_gives_the_probability_of_keeping_is_understood() -> None:
    assert Dropout.from_keep_prob(0.75).rate == 0.25
    assert Dropout.from_keep_prob(1.0).rate == 0.0


@pytest.mark.parametrize("keep_prob", [0.0, 0.01, 1.5, -0.2, float("nan")])
def test_a_probability_of_keeping_outside_the_range_is_refused(keep_prob) -> None:
    with pytest.raises(ValueError, match="kept with a probability"):
        Dropout.from_keep_prob(keep_prob)


def test_it_drops_like_torch() -> None:
    theirs = torch.nn.functional.dropout(ONES, 0.25, training=True)
    assert set(theirs.unique().tolist()) == set(dropped(0.25).unique().tolist())


@pytest.mark.parametrize(
    ("shape", "shares"),
    [
        ("brick", [1, 1, 1, 1, 1]),
        ("funnel", [1, 4 / 5, 3 / 5, 2 / 5, 1 / 5]),
        ("long_funnel", [1, 1, 1, 1, 1 / 2]),
        ("diamond", [1 / 3, 2 / 3, 1, 2 / 3, 1 / 3]),
        ("hexagon", [1 / 2, 1, 1, 1, 1 / 2]),
        ("triangle", [1 / 5, 2 / 5, 3 / 5, 4 / 5, 1]),
        ("stairs", [1, 3 / 5, 3 / 5, 1 / 5, 1 / 5]),
        ("funnel", [1, 3 / 4, 1 / 2, 1 / 4]),
        ("long_funnel", [1, 1, 1, 1 / 2]),
        ("diamond", [1 / 2, 1, 2 / 3, 1 / 3]),
        ("hexagon", [1, 1, 1, 1]),
        ("stairs", [1, 1, 1 / 2, 1 / 2]),
        ("triangle", [1 / 2, 1]),
        ("funnel", [1, 1 / 2]),
        ("diamond", [1, 1 / 2]),
        ("long_funnel", [1, 1]),
        ("hexagon", [1, 1]),
        ("stairs", [1, 1]),
        *((shape, [1]) for shape in Dropout.hyperparameters["shape"].choices),
    ],
)
def test_a_shape_says_by_how_much_of_the_rate_each_layer_drops(shape, shares) -> None:
    found = [share_of_rate(shape, index, len(shares)) for index in range(len(shares))]
    assert found == pytest.approx(shares)


def test_the_layers_of_a_shape_drop_their_own_share_of_units() -> None:
    for index, share in enumerate([0.25, 0.5, 0.75, 1.0]):
        site = Site(f"hidden.{index}", (1000,), index=index, count=4)
        activation = Dropout(rate=0.8, shape="triangle").apply(ONES, KEY, site)
        assert (activation == 0).double().mean().item() == pytest.approx(0.8 * share, abs=0.01)


def test_lanes_may_differ_in_their_shape() -> None:
    site = Site("hidden.0", (1000,), index=3, count=5)
    shapes = Dropout.hyperparameters["shape"].choices

    def dropped_by(shape):
        return Dropout(rate=torch.tensor(0.5), shape=shape).apply(ONES, KEY, site)

    for lane, shape in zip(torch.func.vmap(dropped_by)(torch.arange(len(shapes))), shapes, strict=True):
        torch.testing.assert_close(lane, dropped_by(shape))


def test_the_default_shape_of_a_lane_leaves_the_rate_to_the_bit() -> None:
    site = Site("hidden.0", (1000,), index=1, count=3)
    lane = Dropout(rate=torch.tensor(0.3), shape=torch.tensor(0)).apply(ONES, KEY, site)
    assert torch.equal(lane, dropped(torch.tensor(0.3)))
