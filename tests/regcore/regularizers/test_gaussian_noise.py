"""Gaussian noise on inputs and hidden activations."""

import pytest
import torch

from regcore.regularizers.gaussian_noise import GaussianNoise
from regcore.sites import Site

KEY = torch.tensor(12345, dtype=torch.int32)
ROWS = torch.randn(200, 100, generator=torch.Generator().manual_seed(0))
INPUTS, HIDDEN = Site("inputs", (100,)), Site("hidden.0", (100,))


def noise(deviation, layers="everywhere", site=HIDDEN, key=KEY):
    return GaussianNoise(deviation=deviation, layers=layers).apply(ROWS, key, site) - ROWS


def test_the_noise_has_mean_zero_and_the_deviation_that_was_asked_for() -> None:
    drawn = noise(0.25).double()
    assert drawn.mean().item() == pytest.approx(0.0, abs=5 * 0.25 / ROWS.numel() ** 0.5)
    assert drawn.std().item() == pytest.approx(0.25, rel=5 / (2 * ROWS.numel()) ** 0.5)


def test_a_third_of_the_noise_lies_beyond_one_deviation_as_of_a_normal_distribution() -> None:
    assert (noise(0.25).abs() > 0.25).double().mean().item() == pytest.approx(0.3173, abs=0.02)
    assert (noise(0.25).abs() > 0.5).double().mean().item() == pytest.approx(0.0455, abs=0.01)


@pytest.mark.parametrize(
    ("layers", "reached"), [("inputs", [True, False]), ("hidden", [False, True]), ("everywhere", [True, True])]
)
def test_it_reaches_the_layers_that_were_asked_for_and_leaves_the_others_to_the_bit(layers, reached) -> None:
    assert [bool((noise(0.1, layers, site) != 0).any()) for site in (INPUTS, HIDDEN)] == reached


def test_without_deviation_it_is_the_identity_to_the_bit() -> None:
    assert torch.equal(GaussianNoise(deviation=0.0, layers="everywhere").apply(ROWS, KEY, HIDDEN), ROWS)


def test_the_key_decides() -> None:
    assert torch.equal(noise(0.1), noise(0.1))
    assert not torch.equal(noise(0.1), noise(0.1, key=KEY + 1))


def test_lanes_may_differ_in_deviation_and_layers() -> None:
    def disturbed(deviation, layers):
        return GaussianNoise(deviation=deviation, layers=layers).apply(ROWS, KEY, INPUTS)

    lanes = torch.func.vmap(disturbed)(torch.tensor([0.5, 0.5, 0.1]), torch.tensor([0, 1, 2]))
    for lane, deviation, layers in zip(lanes, (0.5, 0.5, 0.1), ("inputs", "hidden", "everywhere"), strict=True):
        torch.testing.assert_close(lane, disturbed(deviation, layers))
