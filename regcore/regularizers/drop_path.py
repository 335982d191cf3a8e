"""Drop path (stochastic depth): skips residual branches at random in training, for each row by itself.

branch ← branch · m / (1 − pₗ) with m = 0 with probability pₗ and 1 otherwise, drawn anew for every row, block and step;
in evaluation branches are left as they are. The probability grows with depth, pₗ = l / L · rate for the l-th of L
blocks, so that the last block is skipped with probability `rate`. It needs residual blocks, those of the network or
those that `skip_connections` makes. In the source the branch of evaluation is scaled by 1 − pₗ instead, which is the
same on average.
Source: Huang, Sun, Liu, Sedra and Weinberger (2016), arXiv:1603.09382.
Parity: none; the tests measure how often each depth is skipped, and what is kept.
"""

from __future__ import annotations

from torch import Tensor

from regcore.hyper import real
from regcore.lanes.randomness import uniform
from regcore.sites import Branch, Key, Site


class DropPath(Branch):
    order = 1
    overlaps = ("shake_drop",)

    rate: Tensor = real(
        0.0, 0.9, default=0.1, off=0.0, search=(0.0, 0.5), doc="The probability that the last block is skipped."
    )

    def train(self, branches: tuple[Tensor, ...], key: Key, site: Site) -> Tensor:
        (branch,) = branches
        keep = 1 - self.rate * site.share_of_depth
        kept = uniform(key, (len(branch), *[1] * (branch.dim() - 1))) < keep
        return branch * (kept.to(branch.dtype) / keep)

    def evaluate(self, branches: tuple[Tensor, ...], site: Site) -> Tensor:
        return branches[0]
