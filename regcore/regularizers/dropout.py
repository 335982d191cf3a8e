"""Dropout: silences hidden units at random in training, so that none can rely on another.

h ← h · m / (1 − rate) with m = 0 with probability `rate` and 1 otherwise, drawn anew for every unit, row and step; in
evaluation h is left as it is. `rate` is the probability of dropping. Texts that write "h/p with probability p, 0 with
probability 1 − p" use p for the probability of keeping, even where they call it the dropout probability: only so is
h right on average. For those there is `Dropout.from_keep_prob(p)`.
Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014), jmlr.org/papers/v15/srivastava14a.html.
"""

from __future__ import annotations

from torch import Tensor

from regcore.hyper import real
from regcore.lanes.ops import where_positive
from regcore.lanes.randomness import uniform
from regcore.sites import ActivationNoise, Key, Site


class Dropout(ActivationNoise):
    rate: Tensor = real(
        0.0, 0.95, default=0.2, off=0.0, search=(0.0, 0.8), doc="The probability that a unit is dropped."
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
        keep = 1 - self.rate  # divided out below, so that evaluation needs no rescaling
        # In the activation's layout, where images have several.
        return where_positive(keep - uniform(key, tuple(activation.shape)), activation / keep)
