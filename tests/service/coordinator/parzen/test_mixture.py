"""The estimator is a density, and its draws follow it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import truncnorm

from regtune.space import Dimension, SearchSpace
from service.coordinator.parzen.axes import ABSENT, Axes, Rows, Stage
from service.coordinator.parzen.mixture import Mixture

GATED = SearchSpace(
    (
        Dimension("gate", "flag"),
        Dimension("x", "real", low=0.0, high=1.0, conditions={"gate": True}),
        Dimension("y", "real", low=0.0, high=1.0),
    )
)
LINE = SearchSpace((Dimension("x", "real", low=0.0, high=1.0),))
CHOICES = SearchSpace((Dimension("norm", "choice", choices=("a", "b", "c")),))
NO_OPTIONS = np.empty((1, 0), dtype=np.int64)
GRID = (np.arange(200) + 0.5) / 200


def line(*shares: float) -> Rows:
    return Rows(np.array(shares)[:, None], np.empty((len(shares), 0), dtype=np.int64))


def test_one_kernel_and_the_prior_by_hand() -> None:
    mixture = Mixture.of(Axes(LINE), line(0.3), np.ones(1), 1.0)
    kernel = truncnorm((0 - 0.3) / 0.7, (1 - 0.3) / 0.7, loc=0.3, scale=0.7)
    np.testing.assert_allclose(np.exp(mixture.log_densities(line(0.1, 0.8))), (kernel.pdf([0.1, 0.8]) + 1) / 2)


def test_weights_are_shares_of_the_density() -> None:
    heavy = Mixture.of(Axes(LINE), line(0.2, 0.8), np.array([3.0, 1.0]), 1.0)
    left, right = np.exp(heavy.log_densities(line(0.2, 0.8)))
    assert left > right


def test_options_by_hand() -> None:
    kernels = Rows(np.empty((2, 0)), np.array([[0], [1]]))
    mixture = Mixture.of(Axes(CHOICES), kernels, np.ones(2), 1.0)
    points = Rows(np.empty((3, 0)), np.array([[0], [1], [2]]))
    # Two kernels and the prior: own 1 + ⅓, others ⅓, of 2; relative to ⅓.
    own, other = 3 * (4 / 3) / 2, 3 * (1 / 3) / 2
    expected = [(own + other + 1) / 3, (own + other + 1) / 3, (2 * other + 1) / 3]
    np.testing.assert_allclose(np.exp(mixture.log_densities(points)), expected)


def test_a_flag_begins_with_its_own_chance() -> None:
    axes = Axes(SearchSpace((Dimension("gate", "flag", chance=0.2),)))
    kernels, both = Rows(np.empty((1, 0)), np.array([[1]])), Rows(np.empty((2, 0)), np.array([[0], [1]]))
    mixture = Mixture.of(axes, kernels, np.ones(1), 1.0)
    # One kernel and the prior, which the kernel too is drawn from with probability 2 / (2 + 1 + 1).
    true = (0.2 + (0.5 * 0.2 + 0.5)) / 2
    np.testing.assert_allclose(np.exp(mixture.log_densities(both)) * [0.8, 0.2], [1 - true, true])
    unknown = Rows(np.empty((1, 0)), np.full((1, 1), ABSENT))
    drawn = mixture.draw(40_000, unknown, np.random.default_rng(0)).options.mean()
    assert drawn == pytest.approx(true, abs=0.01)


def gated_mixture() -> Mixture:
    shares = np.array([[0.2, 0.7], [np.nan, 0.4], [0.6, 0.9]])
    return Mixture.of(Axes(GATED), Rows(shares, np.array([[1], [0], [1]])), np.array([1.0, 0.5, 1.0]), 1.0)


@pytest.mark.parametrize("stage", Axes(GATED).stages)
def test_the_density_of_each_stage_sums_to_one(stage: Stage) -> None:
    x, y = (each.ravel() for each in np.meshgrid(GRID, GRID))
    shares = np.stack([x, y], axis=1)
    rows = (Rows(shares, np.full((len(x), 1), option)) for option in range(2))
    mixture = gated_mixture().at(stage)
    # Either option has half of the uniform density.
    total = np.mean([np.exp(mixture.log_densities(points)).mean() for points in rows])
    np.testing.assert_allclose(total, 1.0, rtol=1e-3)


def test_what_hangs_on_a_gate_has_the_kernels_of_trials_with_the_gate_on() -> None:
    _, gated = Axes(GATED).stages
    mixture = gated_mixture().at(gated)
    np.testing.assert_array_equal(mixture.kernels.shares[:, 0], [0.2, 0.6])
    points = Rows(np.array([[0.3, 0.1], [0.3, 0.9]]), np.array([[0], [1]]))
    assert np.ptp(mixture.log_densities(points)) == pytest.approx(0.0)


def test_draws_follow_the_density() -> None:
    axes, mixture = Axes(LINE), Mixture.of(Axes(LINE), line(0.1, 0.2, 0.9), np.ones(3), 1.0)
    unknown = Rows(np.full((1, 1), np.nan), NO_OPTIONS)
    drawn = mixture.draw(40_000, unknown, np.random.default_rng(0)).shares[:, 0]
    found, _ = np.histogram(drawn, bins=10, range=(0.0, 1.0))
    density = np.exp(mixture.log_densities(line(*GRID))).reshape(10, -1).mean(axis=1)
    assert axes.numbers == 1
    np.testing.assert_allclose(found / 4000, density, atol=0.06)


def test_options_are_drawn_as_often_as_their_density_says() -> None:
    mixture = gated_mixture()
    unknown = Rows(np.full((1, 2), np.nan), np.full((1, 1), ABSENT))
    on = mixture.draw(40_000, unknown, np.random.default_rng(0)).options[:, 0].mean()
    just_the_gate = Rows(np.full((1, 2), np.nan), np.ones((1, 1), dtype=np.int64))
    assert on == pytest.approx(float(np.exp(mixture.log_densities(just_the_gate))[0]) / 2, abs=0.01)


def test_what_is_known_of_a_point_picks_the_kernels_it_goes_with() -> None:
    plane = SearchSpace(tuple(Dimension(name, "real", low=0.0, high=1.0) for name in "xy"))
    shares = np.concatenate([np.full((10, 2), 0.1), np.full((10, 2), 0.9)])
    mixture = Mixture.of(Axes(plane), Rows(shares, np.empty((20, 0), dtype=np.int64)), np.ones(20), 1.0)
    known = Rows(np.array([[0.1, np.nan]]), NO_OPTIONS)
    assert np.median(mixture.draw(1000, known, np.random.default_rng(0)).shares[:, 1]) < 0.2
