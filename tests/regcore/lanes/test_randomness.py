"""Draws are hashes of (seed, stream, step, element): their quality, and what they may and may not depend on."""

import math

import pytest
import torch
from scipy import stats

from regcore.lanes.randomness import (
    bits,
    fold,
    mix,
    normal,
    permutations,
    stream_key,
    symmetric_beta,
    uniform,
)

ROWS = (128, 64)
GOLDEN_KEY = 178498512
GOLDEN_BITS = [-75653062, 1792226292, -1186449725, 607213392]


def keys_of(*streams: str) -> torch.Tensor:
    return torch.tensor([stream_key(seed=7, stream=stream) for stream in streams], dtype=torch.int32)


def test_mixing_is_a_bijection_on_a_sample() -> None:
    values = torch.arange(-(2**15), 2**15, dtype=torch.int32)
    assert mix(values).unique().numel() == values.numel()


def test_the_hash_keeps_its_values_from_version_to_version() -> None:
    key = torch.tensor(stream_key(seed=1, stream="order"), dtype=torch.int32)
    assert stream_key(1, "order") == GOLDEN_KEY
    assert bits(key, (4,)).tolist() == GOLDEN_BITS


def test_uniform_draws_fill_the_unit_interval_evenly() -> None:
    draws = uniform(keys_of("dropout/hidden.0")[0], (100_000,))
    assert draws.min() >= 0.0
    assert draws.max() < 1.0
    counts = torch.histc(draws, bins=20, min=0.0, max=1.0)
    chi_square = ((counts - 5_000).square() / 5_000).sum().item()
    assert chi_square < 43.8, "the 99.9 % point of χ² with 19 degrees of freedom"


def test_normal_draws_have_the_moments_of_a_normal_distribution() -> None:
    draws = normal(keys_of("gaussian_noise")[0], (200_000,))
    standard_error = 1 / math.sqrt(200_000)
    assert abs(draws.mean().item()) < 4 * standard_error
    assert abs(draws.var().item() - 1.0) < 4 * math.sqrt(2) * standard_error
    assert abs((draws**4).mean().item() - 3.0) < 4 * math.sqrt(96) * standard_error


def test_different_streams_steps_and_seeds_are_uncorrelated() -> None:
    first, second = keys_of("dropout/hidden.0", "dropout/hidden.1")
    draws = torch.stack(
        [
            uniform(first, ROWS).flatten(),
            uniform(second, ROWS).flatten(),
            uniform(fold(first, 0), ROWS).flatten(),
            uniform(fold(first, 1), ROWS).flatten(),
            uniform(torch.tensor(stream_key(8, "dropout/hidden.0"), dtype=torch.int32), ROWS).flatten(),
        ]
    )
    correlation = torch.corrcoef(draws) - torch.eye(len(draws))
    assert correlation.abs().max().item() < 4 / math.sqrt(math.prod(ROWS))


def test_folding_by_a_number_or_by_a_tensor_is_the_same() -> None:
    key = keys_of("order")[0]
    assert torch.equal(fold(key, 5), fold(key, torch.tensor(5, dtype=torch.int32)))


def test_a_mapped_draw_equals_each_lanes_own() -> None:
    keys = keys_of("a", "b", "c")
    together = torch.func.vmap(lambda key: uniform(key, (5, 3)))(keys)
    alone = torch.stack([uniform(key, (5, 3)) for key in keys])
    assert torch.equal(together, alone)


def test_a_permutation_holds_every_row_once() -> None:
    (order,) = permutations(keys_of("order"), 1000)
    assert torch.equal(order.sort().values, torch.arange(1000))
    assert not torch.equal(order, torch.arange(1000))


def test_permutations_are_the_stable_order_of_each_key_s_bits() -> None:
    keys = keys_of("order", "dropout/hidden.0")
    expected = [torch.argsort(bits(key, (1000,)), stable=True) for key in keys]
    assert torch.equal(permutations(keys, 1000), torch.stack(expected))


def test_rows_whose_bits_tie_keep_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regcore.lanes.randomness.bits", lambda key, shape: torch.zeros(shape, dtype=torch.int32) + key)
    assert torch.equal(permutations(keys_of("order"), 50)[0], torch.arange(50))


@pytest.mark.parametrize("alpha", [0.5, 1.0, 2.0, 8.0, 100.0])
def test_symmetric_beta_draws_follow_the_distribution(alpha) -> None:
    draws = symmetric_beta(keys_of("a")[0], torch.tensor(alpha), (20_000,))
    distance = stats.kstest(draws.double().numpy(), stats.beta(alpha, alpha).cdf).statistic
    assert distance < 1.95 / 20_000**0.5  # one in a thousand true samples lies further off


@pytest.mark.parametrize("alpha", [0.01, 0.1, 0.2])
def test_symmetric_beta_draws_that_crowd_at_the_ends_are_right_away_from_them(alpha) -> None:
    """Closer to 1 than float32 can tell they are 1, so that the distribution is compared where it can."""
    draws = symmetric_beta(keys_of("a")[0], torch.tensor(alpha), (20_000,))
    assert draws.isfinite().all()
    for point in (1e-4, 0.01, 0.2, 0.5, 0.9, 0.999):
        share = (draws <= point).double().mean().item()
        assert share == pytest.approx(stats.beta(alpha, alpha).cdf(point), abs=4 * 0.5 / 20_000**0.5)


def test_lanes_may_differ_in_the_alpha_of_their_beta_draws() -> None:
    alphas = torch.tensor([0.1, 1.0, 8.0])
    lanes = torch.func.vmap(lambda alpha: symmetric_beta(keys_of("a")[0], alpha, (50,)))(alphas)
    for lane, alpha in zip(lanes, alphas, strict=True):
        torch.testing.assert_close(lane, symmetric_beta(keys_of("a")[0], alpha, (50,)))
