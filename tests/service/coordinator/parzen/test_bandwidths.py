"""Bandwidths by hand."""

from __future__ import annotations

import numpy as np

from service.coordinator.parzen.bandwidths import bandwidths


def column(*shares: float) -> np.ndarray:
    return np.array(shares)[:, None]


def test_a_kernel_is_as_wide_as_the_wider_gap_to_its_neighbours() -> None:
    np.testing.assert_allclose(bandwidths(column(0.9, 0.1, 0.4), 1.0)[:, 0], [0.5, 0.3, 0.5])


def test_a_kernel_alone_reaches_the_farther_end() -> None:
    np.testing.assert_allclose(bandwidths(column(0.3), 1.0), [[0.7]])


def test_no_kernel_is_narrower_than_the_count_allows() -> None:
    np.testing.assert_allclose(bandwidths(column(0.5, 0.5, 0.5), 1.0)[:, 0], [1 / 5] * 3)
    np.testing.assert_allclose(bandwidths(column(*[0.5] * 500), 1.0)[:, 0], [1 / 100] * 500)


def test_twice_as_fine_is_half_as_wide_but_no_finer_than_the_finest() -> None:
    np.testing.assert_allclose(bandwidths(column(0.5, 0.5, 0.5), 2.0)[:, 0], [1 / 10] * 3)
    np.testing.assert_allclose(bandwidths(column(*[0.5] * 500), 2.0)[:, 0], [1 / 100] * 500)


def test_a_kernel_without_the_axis_is_no_neighbour() -> None:
    np.testing.assert_allclose(bandwidths(column(0.9, np.nan, 0.1, 0.4), 1.0)[[0, 2, 3], 0], [0.5, 0.3, 0.5])
    assert np.isnan(bandwidths(column(0.9, np.nan, 0.1, 0.4), 1.0)[1, 0])
