"""Sparse group lasso: removes whole groups of weights, and single weights within the groups that stay.

After the optimizer's step the soft threshold of `proximal_l1` at ηλα, then the block soft threshold of `group_lasso` at
ηλ(1 − α), η being the learning rate at that step: together the proximal operator of ηλ (α Σ|w| + (1 − α) Σ √d_g ‖w_g‖),
over groups w_g of d_g weights. α = 1 is `proximal_l1` on the grouped weights, α = 0 is `group_lasso`, where the groups
and the scale of λ are explained. With the groups `inputs` only the first layer's weights are changed. Biases, gains and
shifts are left alone.
Source: Simon, Friedman, Hastie and Tibshirani (2013), doi:10.1080/10618600.2012.681250.
Parity: none; the tests check the optimality condition of the proximal operator.
"""

from __future__ import annotations

from torch import Tensor

from regcore.hyper import choice, real
from regcore.regularizers.group_lasso import block_soft_threshold, of_groups
from regcore.regularizers.proximal_l1 import soft_threshold
from regcore.sites import Parameters, Update, WeightRule


class SparseGroupLasso(WeightRule):
    order = 1
    overlaps = ("group_lasso", "proximal_l1")

    groups: Tensor | str = choice(
        "inputs", "units", default="inputs", doc="Which weights live or die together: an input's or a unit's."
    )
    strength: Tensor = real(
        1e-6,
        10.0,
        default=1e-1,
        log=True,
        off=0.0,
        search=(1e-2, 2.0),
        doc="λ; a step takes at most the learning rate times λ off each weight.",
    )
    share: Tensor = real(0.0, 1.0, default=0.5, search=True, doc="α, the share of λ that falls on single weights.")

    def apply(self, weights: Parameters, update: Update) -> Parameters:
        threshold = update.learning_rate * self.strength
        of_weight, of_group = threshold * self.share, threshold * (1 - self.share)

        def shrunk(weight: Tensor, axis: int) -> Tensor:
            return block_soft_threshold(soft_threshold(weight, of_weight), of_group, axis)

        return of_groups(weights, self.chose("groups", "units"), shrunk)
