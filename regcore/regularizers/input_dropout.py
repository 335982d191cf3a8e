"""Input dropout: hides features of each training row at random, so that none is relied upon alone.

x ← x · m / (1 − rate) with m = 0 with probability `rate` and 1 otherwise, drawn anew for every feature, row and step;
in evaluation x is left as it is. Features are what preprocessing gives: each number of a table and each 0 or 1 of a
category by itself, each pixel and channel of an image. `cutout` hides whole columns of a table instead.
Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014), jmlr.org/papers/v15/srivastava14a.html.
Parity: none of its own; it computes as `dropout` does, and the tests measure rate and scale.
"""

from __future__ import annotations

from torch import Tensor

from regcore.hyper import real
from regcore.regularizers.dropout import dropped
from regcore.sites import ActivationNoise, Key, Site


class InputDropout(ActivationNoise):
    where = "inputs"

    rate: Tensor = real(
        0.0, 0.95, default=0.1, off=0.0, search=(0.0, 0.5), doc="The probability that a feature is hidden."
    )

    def apply(self, activation: Tensor, key: Key, site: Site) -> Tensor:
        return dropped(activation, self.rate, key)
