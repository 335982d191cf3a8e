"""A Parzen estimator: the mixture of a uniform prior and one kernel for each trial of a group.

A kernel is a product over the axes: a normal truncated to [0, 1] on a number, and on a choice the trial's own option
with some probability moved to the others. An axis that a trial does not have is uniform in its kernel, and one that a
point does not have adds nothing; so gated dimensions need no estimator of their own.

The logarithm of a product of such kernels is linear in x², x, 1 and the indicators of the options. A group is
therefore a matrix of coefficients, and the densities of many points under many kernels are one matrix product.

Sources: Bergstra et al. (2011), NeurIPS 24; the mixture of products: Falkner et al. (2018), arXiv:1807.01774.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from service.coordinator.parzen.axes import ABSENT, Axes, Floats, Places, Rows
from service.coordinator.parzen.bandwidths import bandwidths

PRIOR_WEIGHT = 1.0
_HALF_LOG_TAU = 0.5 * np.log(2 * np.pi)


@dataclass(frozen=True, slots=True)
class Mixture:
    """`n` kernels and the prior behind them.

    `log_weights` is `(n + 1,)`; `coefficients` is `(n + 1, features)`; `widths`, the bandwidths, is `(n, numbers)`;
    `moved`, `(choices,)`, is the probability that a kernel draws a choice anew from all its options.
    """

    axes: Axes
    kernels: Rows
    widths: Floats
    moved: Floats
    log_weights: Floats
    coefficients: Floats

    @classmethod
    def of(cls, axes: Axes, kernels: Rows, weights: Floats) -> Mixture:
        """The estimator of a group with weights `(n,)`; the prior weighs as much as one kernel of weight 1."""
        widths = np.hypot(bandwidths(kernels.shares), axes.widths(kernels.shares) / 2)
        present = np.count_nonzero(kernels.options != ABSENT, axis=0)
        # The prior adds one observation, spread over the options, to those of each kernel.
        moved = axes.option_counts / (axes.option_counts + present + 1.0)
        coefficients = np.zeros((len(kernels) + 1, 3 * axes.numbers + len(axes.options)))
        coefficients[:-1] = np.concatenate(
            [*_of_numbers(kernels.shares, widths), _of_options(axes, kernels.options, moved)], axis=1
        )
        all_weights = np.append(weights, PRIOR_WEIGHT)
        return cls(axes, kernels, widths, moved, np.log(all_weights / all_weights.sum()), coefficients)

    def log_densities(self, points: Rows) -> Floats:
        """Logarithms of the density at each point, relative to the uniform one. `(points,)`"""
        terms = self._log_terms(points)
        highest = terms.max(axis=1, keepdims=True)
        found: Floats = np.log(np.exp(terms - highest).sum(axis=1)) + highest[:, 0]
        return found

    def draw(self, count: int, known: Rows, random: np.random.Generator) -> Rows:
        """`count` points, from the kernels as they weigh once the axes that the one row `known` has are known.

        Every axis is drawn, also those that a gate may turn out to leave out.
        """
        posterior = np.exp(self._log_terms(known)[0])
        chances = np.cumsum(posterior)
        chosen = np.searchsorted(chances, random.random(count) * chances[-1], side="right")
        chosen = np.minimum(chosen, len(self.kernels))
        # A last row, which has no axis, is the prior.
        shares = np.concatenate([self.kernels.shares, np.full((1, self.axes.numbers), np.nan)])[chosen]
        widths = np.concatenate([self.widths, np.ones((1, self.axes.numbers))])[chosen]
        options = np.concatenate([self.kernels.options, np.full((1, self.axes.choices), ABSENT)])[chosen]
        return Rows(_drawn_numbers(shares, widths, random.random(shares.shape)), self._drawn_options(options, random))

    def _drawn_options(self, own: Places, random: np.random.Generator) -> Places:
        anew = np.floor(random.random(own.shape) * self.axes.option_counts).astype(np.int64)
        stays = (own != ABSENT) & (random.random(own.shape) >= self.moved)
        return np.where(stays, own, anew)

    def _log_terms(self, points: Rows) -> Floats:
        """Logarithms of weight times density of each kernel, the prior last. `(points, n + 1)`"""
        present = ~np.isnan(points.shares)
        shares = np.where(present, points.shares, 0.0)
        indicators = points.options[:, self.axes.choice_of_option] == self.axes.options
        features = np.concatenate([shares**2, shares, present, indicators], axis=1)
        return features @ self.coefficients.T + self.log_weights


def _of_numbers(middles: Floats, widths: Floats) -> list[Floats]:
    """Coefficients of x², x and 1 in −(x − m)² / 2s² − log(s √2π (Φ((1 − m) / s) − Φ(−m / s)))."""
    precisions = widths**-2
    inside = ndtr((1 - middles) / widths) - ndtr(-middles / widths)
    constants = -0.5 * precisions * middles**2 - np.log(widths * inside) - _HALF_LOG_TAU
    parts = (-0.5 * precisions, precisions * middles, constants)
    return [np.where(np.isnan(middles), 0.0, part) for part in parts]


def _of_options(axes: Axes, own: Places, moved: Floats) -> Floats:
    """Coefficients of the options' indicators: log(moved), and at the kernel's own option that of what stays too."""
    wide_own, wide_moved = own[:, axes.choice_of_option], moved[axes.choice_of_option]
    counts = axes.option_counts[axes.choice_of_option]
    found = np.where(wide_own == axes.options, np.log(wide_moved + counts * (1 - wide_moved)), np.log(wide_moved))
    return np.where(wide_own == ABSENT, 0.0, found)


def _drawn_numbers(middles: Floats, widths: Floats, units: Floats) -> Floats:
    """Truncated normals at units in [0, 1) of their distribution; uniform where the kernel lacks the axis."""
    low, high = ndtr(-middles / widths), ndtr((1 - middles) / widths)
    drawn = np.clip(middles + widths * ndtri(low + units * (high - low)), 0.0, 1.0)
    return np.where(np.isnan(middles), units, drawn)
