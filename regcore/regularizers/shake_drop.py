"""ShakeDrop: scales residual branches at random, backward otherwise than forward, the later ones more often.

With b = 1 with probability pₗ and 0 otherwise, branch ← (b + α − bα) · branch forward and with β in place of α
backward; α is uniform in [−1, 1] and β in [0, 1], all drawn anew for every row, block and step. In evaluation
branch ← pₗ · branch, its mean. pₗ = 1 − l / L · rate for the l-th of L blocks, so that the last block is shaken with
probability `rate`. It needs residual blocks, those of the network or those that `skip_connections` makes.
Source: Yamada, Iwamura, Akiba and Kise (2018), arXiv:1802.02375.
Parity: none; the tests measure the factors, forward and backward.
"""

from __future__ import annotations

from torch import Tensor

from regcore.hyper import real
from regcore.lanes.randomness import uniform
from regcore.sites import Branch, Key, Site


class ShakeDrop(Branch):
    order = 1
    conflicts = ("shake_shake",)
    overlaps = ("drop_path",)

    rate: Tensor = real(
        0.0, 1.0, default=0.5, off=0.0, search=True, doc="The probability that the last block is shaken."
    )

    def train(self, branches: tuple[Tensor, ...], key: Key, site: Site) -> Tensor:
        (branch,) = branches
        rows = (len(branch), *[1] * (branch.dim() - 1))
        drawn, forwards, backwards = uniform(key, (3, *rows)).to(branch.dtype).unbind(0)
        kept = (drawn < self._kept(site)).to(branch.dtype)
        forward = kept + (2 * forwards - 1) * (1 - kept)
        backward = kept + backwards * (1 - kept)
        return backward * branch + ((forward - backward) * branch).detach()

    def evaluate(self, branches: tuple[Tensor, ...], site: Site) -> Tensor:
        return self._kept(site) * branches[0]

    def _kept(self, site: Site) -> Tensor:
        """pₗ, the probability that the block is left as it is."""
        return 1 - self.rate * site.share_of_depth
