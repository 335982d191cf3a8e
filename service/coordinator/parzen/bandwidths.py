"""Bandwidths of kernels: each as wide as the wider of the gaps to its neighbours, within bounds.

Sources: Bergstra et al. (2011), "Algorithms for hyper-parameter optimization", NeurIPS 24, section 4; the lower bound
that shrinks with the number of kernels is discussed in Watanabe (2023), arXiv:2304.11127, section 3.3.
"""

from __future__ import annotations

import numpy as np

from service.coordinator.parzen.axes import Floats

FINEST = 100.0
"""No bandwidth is below 1/100 of its axis."""


def bandwidths(shares: Floats) -> Floats:
    """Standard deviations, as shares of the axis, for kernels at `shares`; both `(n, numbers)`, NaN where absent.

    A kernel at the edge of a column takes the gap on its inner side. A kernel alone in its column reaches the farther
    end of the axis.
    """
    order = np.argsort(shares, axis=0)
    gaps = np.diff(np.take_along_axis(shares, order, axis=0), axis=0)
    nothing = np.full((1, shares.shape[1]), np.nan)
    of_sorted = np.fmax(np.concatenate([nothing, gaps]), np.concatenate([gaps, nothing]))
    found = np.empty_like(shares)
    np.put_along_axis(found, order, of_sorted, axis=0)
    found = np.where(np.isnan(found), np.maximum(shares, 1 - shares), found)
    present = np.count_nonzero(~np.isnan(shares), axis=0)
    return np.clip(found, 1 / np.minimum(FINEST, 2.0 + present), 1.0)
