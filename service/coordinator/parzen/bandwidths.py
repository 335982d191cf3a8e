"""Bandwidths of kernels: each as wide as the wider of the gaps to its neighbours, within bounds.

Sources: Bergstra et al. (2011), "Algorithms for hyper-parameter optimization", NeurIPS 24, section 4; the lower bound
that shrinks with the number of kernels is discussed in Watanabe (2023), arXiv:2304.11127, section 3.3.
"""

from __future__ import annotations

import numpy as np

from service.coordinator.parzen.axes import Floats

FINEST = 100.0
"""No bandwidth is below 1/100 of its axis."""


def bandwidths(shares: Floats, fineness: float) -> Floats:
    """Standard deviations, as shares of the axis, for kernels at `shares`; both `(n, numbers)`, NaN where absent.

    Among n kernels of a column none is below 1/(`fineness` · (n + 2)); 1 is usual. A kernel at the edge of a column
    takes the gap on its inner side. A kernel alone in its column reaches the farther end of the axis.
    """
    columns = shares.shape[1]
    # Places in the flat array, because NumPy's functions along an axis cost more than the work they do here.
    rising = np.argsort(shares, axis=0) * columns + np.arange(columns)
    between = np.full((len(shares) + 2, columns), np.nan)
    between[1:-1] = shares.ravel()[rising]
    gaps = between[1:] - between[:-1]
    flat = np.empty(shares.size)
    flat[rising] = np.fmax(gaps[:-1], gaps[1:])
    found = flat.reshape(shares.shape)
    present = np.count_nonzero(~np.isnan(shares), axis=0)
    found = np.where(present == 1, np.maximum(shares, 1 - shares), found)
    return np.clip(found, 1 / np.minimum(FINEST, fineness * (2.0 + present)), 1.0)
