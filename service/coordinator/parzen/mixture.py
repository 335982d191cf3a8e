"""A Parzen estimator: the mixture of a prior and one kernel for each trial of a group.

A kernel is a product over the axes: a normal truncated to [0, 1] on a number, and on a choice the trial's own option
with some probability moved to the others. Its logarithm is linear in x², x, 1 and the indicators of the options. A
group is therefore a matrix of coefficients, and the densities of many points under many kernels are one product of
matrices. What hangs on gates has the kernels of those trials whose gates were as it needs them.

Sources: Bergstra et al. (2011), "Algorithms for hyper-parameter optimization", NeurIPS 24; the mixture of products:
Falkner et al. (2018), arXiv:1807.01774; the kernel of choices: Watanabe (2023), arXiv:2304.11127, section 3.3.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr, ndtri

from service.coordinator.parzen.axes import ABSENT, Axes, Floats, Places, Rows, Stage
from service.coordinator.parzen.bandwidths import bandwidths

PRIOR_WEIGHT = 1.0
LEAST_OF_AN_INTEGER = 0.2
"""A kernel at an integer is about so wide at least, as a share of what rounds to that integer."""

NEGLIGIBLE = -60.0
_HALF_LOG_TAU = 0.5 * np.log(2 * np.pi)


@dataclass(frozen=True, slots=True)
class Mixture:
    """`n` kernels and the prior behind them.

    `weights` is `(n + 1,)`; `coefficients` is `(n + 1, features)`, and `features` says which of `Axes.features`;
    `widths`, the bandwidths, is `(n, numbers)`; `moved`, `(choices,)`, is the probability that a kernel draws a choice
    anew from all its options.
    """

    axes: Axes
    kernels: Rows
    widths: Floats
    moved: Floats
    weights: Floats
    coefficients: Floats
    features: Places

    @classmethod
    def of(cls, axes: Axes, kernels: Rows, weights: Floats, fineness: float) -> Mixture:
        """The estimator of a group with weights `(n,)`; the prior weighs as much as one kernel of weight 1.

        Bandwidths may be as narrow as `fineness` lets them.
        """
        widths = np.hypot(bandwidths(kernels.shares, fineness), LEAST_OF_AN_INTEGER * axes.widths(kernels.shares))
        present = np.count_nonzero(kernels.options != ABSENT, axis=0)
        # The prior adds one observation, spread over the kernels and the options, to those of each kernel.
        moved = axes.option_counts / (axes.option_counts + present + 1.0)
        coefficients = np.zeros((len(kernels) + 1, 3 * axes.numbers + len(axes.options)))
        coefficients[:-1, : 3 * axes.numbers] = _of_numbers(kernels.shares, widths)
        coefficients[:-1, 3 * axes.numbers :] = _of_options(axes, kernels, moved)
        all_weights = np.append(weights, PRIOR_WEIGHT)
        return cls(axes, kernels, widths, moved, all_weights, coefficients, np.arange(coefficients.shape[1]))

    def at(self, stage: Stage) -> Mixture:
        """The estimator of the columns of a stage, from the kernels that have them."""
        reached = stage.reached(self.kernels)
        rows = np.append(reached, len(self.kernels))
        return replace(
            self,
            kernels=self.kernels.at(reached),
            widths=self.widths[reached],
            weights=self.weights[rows],
            coefficients=self.coefficients[rows[:, None], stage.features],
            features=stage.features,
        )

    def log_densities(self, points: Rows) -> Floats:
        """Logarithms of the density at each point, relative to the prior's. `(points,)`"""
        terms = self._log_terms(points)
        highest = terms.max(axis=1)
        # What lies further below is nothing beside the highest, and exponentials that underflow are slow.
        below = np.maximum(terms - highest[:, None], NEGLIGIBLE)
        found: Floats = np.log(np.exp(below).sum(axis=1)) + highest
        return found

    def draw(self, count: int, known: Rows, random: np.random.Generator) -> Rows:
        """`count` points, from the kernels as they weigh once the axes that the one row `known` has are known.

        Every axis is drawn anew, and from the prior where a kernel lacks it.
        """
        terms = self._log_terms(known)[0]
        chances = np.cumsum(np.exp(terms - terms.max()))
        chosen = np.searchsorted(chances, random.random(count) * chances[-1], side="right")
        chosen = np.minimum(chosen, len(self.kernels))
        # The prior is a last kernel, which lacks every axis.
        shares = np.concatenate([self.kernels.shares, np.full((1, self.axes.numbers), np.nan)])[chosen]
        widths = np.concatenate([self.widths, np.ones((1, self.axes.numbers))])[chosen]
        options = np.concatenate([self.kernels.options, np.full((1, self.axes.choices), ABSENT)])[chosen]
        return Rows(_drawn_numbers(shares, widths, random.random(shares.shape)), self._drawn_options(options, random))

    def _drawn_options(self, own: Places, random: np.random.Generator) -> Places:
        anew = self.axes.options_at(random.random(own.shape))
        stays = (own != ABSENT) & (random.random(own.shape) >= self.moved)
        return np.where(stays, own, anew)

    def _log_terms(self, points: Rows) -> Floats:
        """Logarithms of weight times density of each kernel, the prior last. `(points, n + 1)`"""
        return self.axes.features(points)[:, self.features] @ self.coefficients.T + _log_shares(self.weights)


def _log_shares(weights: Floats) -> Floats:
    shares: Floats = np.log(weights / weights.sum())
    return shares


def _of_numbers(middles: Floats, widths: Floats) -> Floats:
    """Coefficients of x², x and 1 in −(x − m)² / 2s² − log(s √2π (Φ((1 − m) / s) − Φ(−m / s))). `(n, 3 · numbers)`"""
    precisions = 1 / (widths * widths)
    inside = ndtr((1 - middles) / widths) - ndtr(-middles / widths)
    constants = -0.5 * precisions * middles * middles - np.log(widths * inside) - _HALF_LOG_TAU
    found = np.concatenate([-0.5 * precisions, precisions * middles, constants], axis=1)
    return np.where(np.isnan(found), 0.0, found)


def _of_options(axes: Axes, kernels: Rows, moved: Floats) -> Floats:
    """Logarithms of each option's probability, relative to the prior's. `(n, options)`"""
    to_any = moved[axes.choice_of_option]
    to_own = to_any + (1 - to_any) / axes.option_shares
    found = np.log(np.where(axes.indicators(kernels), to_own, to_any))
    return np.where(kernels.options[:, axes.choice_of_option] == ABSENT, 0.0, found)


def _drawn_numbers(middles: Floats, widths: Floats, units: Floats) -> Floats:
    """Truncated normals at units in [0, 1) of their distribution; uniform where the kernel lacks the axis."""
    low, high = ndtr(-middles / widths), ndtr((1 - middles) / widths)
    drawn = np.clip(middles + widths * ndtri(low + units * (high - low)), 0.0, 1.0)
    return np.where(np.isnan(middles), units, drawn)
