"""Mixup: trains on rows that are averages of two, with targets that are the same averages.

x ← λx + (1 − λ)x′ and t ← λt + (1 − λ)t′, where (x′, t′) is the partner of (x, t) by a random permutation of the batch
and λ is drawn from Beta(α, α), once for each step and batch. As the permutation is, λ and 1 − λ are alike; the larger
is used, so that rows stay more themselves than their partner. A row may be its own partner. Targets are soft: with
class weights the loss of a mixed row is that of the mixed target. Evaluation sees rows as they are.
Source: Zhang, Cisse, Dauphin and Lopez-Paz (2018), arXiv:1710.09412.
Parity: none; the tests recover partners and shares from mixed rows and targets.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.lanes.randomness import fold, permutation, symmetric_beta
from regcore.sites import Batch, BatchTransform, Key


class Mixup(BatchTransform):
    order = 3
    least_batch = 2
    conflicts = ("cutmix", "manifold_mixup")

    alpha: Tensor = real(
        0.0,
        8.0,
        default=0.2,
        off=0.0,
        search=(0.0, 1.0),
        doc="α: near 0 rows are hardly mixed, at 1 λ is uniform, beyond it averages of equal shares prevail.",
    )

    def apply(self, batch: Batch, key: Key) -> Batch:
        alpha = torch.as_tensor(self.alpha)
        used = alpha > 0
        drawn = symmetric_beta(fold(key, 0), torch.where(used, alpha, torch.ones_like(alpha)), (1,))[0]
        share = torch.where(used, torch.maximum(drawn, 1 - drawn), torch.ones_like(drawn))
        return mixed(batch, permutation(fold(key, 1), len(batch.inputs)), share)


def mixed(batch: Batch, partner: Tensor, share: Tensor) -> Batch:
    """The batch with `share` of each row and the rest of the row at `partner` `[B]`; a share of 1 is the batch."""
    return Batch(
        share * batch.inputs + (1 - share) * batch.inputs[partner],
        share * batch.targets + (1 - share) * batch.targets[partner],
    )
