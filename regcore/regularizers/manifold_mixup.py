"""Manifold mixup: trains on mixtures of two rows' activations at a random depth, and of their targets in equal shares.

At each step one place is drawn, the inputs or a hidden activation, each as likely; there h ← λh + (1 − λ)h′, and for
the targets y ← λy + (1 − λ)y′, where h′ and y′ are of another row of the batch, by a random permutation, and λ is drawn
from Beta(alpha, alpha), one for the whole batch. In evaluation nothing is mixed. `mixup` does the same at the inputs
alone.
Source: Verma, Lamb, Beckham, Najafi, Mitliagkas, Lopez-Paz and Bengio (2019), arXiv:1806.05236.
Parity: none; the tests measure where and in which shares rows are mixed.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.lanes.randomness import fold, permutation, symmetric_beta, uniform
from regcore.sites import ActivationNoise, Key, Site, TargetRule


class ManifoldMixup(ActivationNoise, TargetRule):
    where = "everywhere"
    one_draw = True
    order = 10
    least_batch = 2
    conflicts = ("cutmix", "mixup")

    alpha: Tensor = real(
        0.0,
        8.0,
        default=1.0,
        off=0.0,
        search=(0.0, 2.0),
        doc="Both parameters of the beta distribution; near 0 one of the two rows has nearly all.",
    )

    def apply(self, activation: Tensor, key: Key, site: Site) -> Tensor:
        number = 0 if site.path == "inputs" else site.index + 1
        here = (uniform(fold(key, 2), ()) * (site.hidden + 1)).to(torch.int64) == number
        return torch.where(here, self._mixed(activation, key), activation)

    def targets(self, targets: Tensor, key: Key) -> Tensor:
        return self._mixed(targets, key)

    def _mixed(self, values: Tensor, key: Key) -> Tensor:
        alpha = torch.as_tensor(self.alpha)
        used = alpha > 0
        drawn = symmetric_beta(fold(key, 0), torch.where(used, alpha, torch.ones_like(alpha)), (1,))[0]
        share = torch.where(used, drawn, torch.ones_like(drawn)).to(values.dtype)
        return share * values + (1 - share) * values[permutation(fold(key, 1), len(values))]
