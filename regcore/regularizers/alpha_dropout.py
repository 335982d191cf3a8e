"""Alpha dropout: sets hidden units to their lowest value at random and rescales, so that mean and variance stay.

h ← a · (h · m + α′ · (1 − m)) + b with m = 0 with probability `rate` and 1 otherwise, drawn anew for every unit, row
and step; α′ = −λα ≈ −1.7581 is the value that the self-normalizing unit (SELU) tends to far below 0,
a = ((1 − rate)(1 + rate · α′²))^(−1/2) and b = −a · rate · α′. Units of mean 0 and variance 1 keep both, which is what
networks of such units live by; after rectified linear units `dropout` is the usual choice. In evaluation h is left as
it is. Source: Klambauer, Unterthiner, Mayr and Hochreiter (2017), arXiv:1706.02515, section 3.
Parity: torch.nn.functional.alpha_dropout, in what becomes of kept and of dropped units.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.lanes.randomness import uniform
from regcore.sites import ActivationNoise, Key, Site


class AlphaDropout(ActivationNoise):
    overlaps = ("dropout", "gaussian_dropout")

    rate: Tensor = real(
        0.0,
        0.95,
        default=0.1,
        off=0.0,
        search=(0.0, 0.2),
        doc="The probability that a unit is set to its lowest value.",
    )

    def apply(self, activation: Tensor, key: Key, site: Site) -> Tensor:
        # A number that stands here is fixed in a graph; a lane's scalar could not be multiplied by one that is not.
        lowest = -1.0507009873554805 * 1.6732632423543772
        rate = torch.as_tensor(self.rate)
        dropped = uniform(key, tuple(activation.shape)) >= 1 - rate
        scale = torch.rsqrt((1 - rate) * (1 + rate * lowest**2))
        return scale * activation.masked_fill(dropped, lowest) - scale * rate * lowest
