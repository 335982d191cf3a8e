"""Dropout: silences hidden units at random in training, so that none can rely on another.

h ← h · m / (1 − rate) with m = 0 with probability `rate` and 1 otherwise, drawn anew for every unit, row and step; in
evaluation h is left as it is. `rate` is the probability of dropping. Texts that write "h/p with probability p, 0 with
probability 1 − p" use p for the probability of keeping, even where they call it the dropout probability: only so is
h right on average. For those there is `Dropout.from_keep_prob(p)`.

The rate may follow a `shape` over depth; `rate` is then the largest. At hidden activation i = 0 … L − 1 it is rate
times: 1 (`brick`); (L − i) / L (`funnel`); 1 up to the middle, then falling likewise (`long_funnel`); (i + 1) / L
(`triangle`); rising to the middle and falling after it (`diamond`); rising for a third, falling for the last
(`hexagon`); falling two layers at a time (`stairs`). These are the shapes of Kadra, Lindauer, Hutter and Grabocka
(2021), arXiv:2106.11189, table 1, as if the output were one layer more, with the rate 0, and without their code's
rounding to whole numbers. With one hidden activation all are `brick`, as are `long_funnel`, `hexagon` and `stairs`
with two, where `diamond` is `funnel`.
Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014), jmlr.org/papers/v15/srivastava14a.html.
Parity: torch.nn.functional.dropout, in the values that it gives.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import choice, real
from regcore.lanes.ops import where_positive
from regcore.lanes.randomness import uniform
from regcore.sites import ActivationNoise, Key, Site

_SHAPES = ("brick", "funnel", "long_funnel", "diamond", "hexagon", "triangle", "stairs")


class Dropout(ActivationNoise):
    overlaps = ("alpha_dropout", "gaussian_dropout")

    rate: Tensor = real(
        0.0, 0.95, default=0.2, off=0.0, search=(0.0, 0.8), doc="The probability that a unit is dropped."
    )
    shape: Tensor | str = choice(
        *_SHAPES, default="brick", doc="How the rate changes from the first layer to the last."
    )

    @classmethod
    def from_keep_prob(cls, keep_prob: float) -> Dropout:
        """Dropout that keeps a unit with this probability, in [0.05, 1]: its rate is 1 − keep_prob.

        Raises:
            ValueError: the rate would lie outside the catalogue's range.
        """
        low, high = 0.05, 1.0
        if not low <= keep_prob <= high:
            raise ValueError(f"a unit is kept with a probability in [{low}, {high}], got {keep_prob}")
        return cls(rate=1.0 - keep_prob)

    def apply(self, activation: Tensor, key: Key, site: Site) -> Tensor:
        return dropped(activation, self._rate_at(site), key)

    def _rate_at(self, site: Site) -> Tensor | float:
        """The rate of this depth; in a lane the shape is data, and arrives as its place among the shapes."""
        if isinstance(self.shape, str):
            return self.rate * share_of_rate(self.shape, site.index, site.count)
        rate = torch.as_tensor(self.rate)
        at_site = rate
        for place, shape in enumerate(_SHAPES):
            share = share_of_rate(shape, site.index, site.count)
            if share != 1:
                at_site = torch.where(self.shape == place, share * rate, at_site)
        return at_site


def dropped(activation: Tensor, rate: Tensor | float, key: Key) -> Tensor:
    """The activation with a share `rate` of its elements 0 and the others divided by the probability of keeping."""
    keep = 1 - rate  # divided out below, so that evaluation needs no rescaling
    # In the activation's layout, where images have several.
    return where_positive(keep - uniform(key, tuple(activation.shape)), activation / keep)


def share_of_rate(shape: str, index: int, count: int) -> float:
    """By how much of the rate units are dropped at place `index` of `count`, in (0, 1]; 1 where nobody counts yet."""
    if count == 0:
        return 1.0
    left = count - index
    if shape == "funnel":
        return left / count
    if shape == "long_funnel":
        return min(1.0, left / (count - (count + 1) // 2)) if count > 1 else 1.0
    if shape == "diamond":
        rising = (count + 1) // 2
        return min((index + 1) / rising, left / (count + 1 - rising))
    if shape == "hexagon":
        slope = (count + 1) // 3
        return min(1.0, (index + 1) / slope, left / slope) if slope else 1.0
    if shape == "triangle":
        return (index + 1) / count
    if shape == "stairs":
        return 1 - 2 * ((index + count % 2) // 2) / count
    return 1.0
