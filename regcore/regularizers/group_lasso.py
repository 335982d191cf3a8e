"""Group lasso: removes whole groups of weights, so that an input or a unit is used with all its weights or not at all.

w_g ← w_g · max(0, 1 − ηλ√d_g / ‖w_g‖) after the optimizer's step, for each group w_g of d_g weights, η being the
learning rate at that step: the block soft threshold, which is the proximal operator of ηλ Σ √d_g ‖w_g‖. So a group
becomes exactly zero once the root mean square of its weights falls to ηλ. The penalty itself is not offered as a term
of the loss, because gradient steps make groups small but never exactly zero. With the groups `inputs` a group is a
column of the first layer's weight, all weights of one input feature (one channel of an image in a convolution), and
other layers are left alone: columns of zeros are features that the network does not read. With `units` it is a row of
any layer's weight, all weights into one unit. Biases, gains and shifts are left alone. As with `proximal_l1`, a
training of s steps takes at most sηλ off a group's root mean square, and with Adam λ is measured against steps of about
η.
Source: Yuan and Lin (2006), doi:10.1111/j.1467-9868.2005.00532.x; groups of a network's weights after Scardapane,
Comminiello, Hussain and Uncini (2017), arXiv:1607.00485.
Parity: none; the tests check the optimality condition of the proximal operator.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from regcore.hyper import choice, real
from regcore.sites import Parameters, Update, WeightRule

_ROWS, _COLUMNS = 0, 1


class GroupLasso(WeightRule):
    order = 1
    overlaps = ("proximal_l1", "sparse_group_lasso")

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
        doc="λ; a step takes the learning rate times λ off the root mean square of each group.",
    )

    def apply(self, weights: Parameters, update: Update) -> Parameters:
        threshold = update.learning_rate * self.strength
        return of_groups(
            weights, self.chose("groups", "units"), lambda w, axis: block_soft_threshold(w, threshold, axis)
        )


def block_soft_threshold(weight: Tensor, threshold: Tensor, axis: int) -> Tensor:
    """w_g · max(0, 1 − threshold·√d_g / ‖w_g‖) for each group of the weights at one place of the axis.

    The threshold is ≥ 0 and of no dimension. Exact at 0 and at a threshold of 0.
    """
    over = [other for other in range(weight.dim()) if other != axis]
    size = weight.square().mean(over, keepdim=True).sqrt()  # ‖w_g‖ / √d_g
    shrunk = weight * (1 - threshold / torch.where(size > 0, size, 1.0))
    return torch.where((size <= threshold) & (threshold > 0), 0.0, shrunk)


def of_groups(weights: Parameters, by_unit: Tensor, change: Callable[[Tensor, int], Tensor]) -> Parameters:
    """The weights changed in groups: rows of all if `by_unit`, columns of the first otherwise.

    `change(weight, axis)` changes a weight whose groups lie along the axis; `weights` are in the order of the network.
    """
    first = next(iter(weights))
    return {
        name: torch.where(by_unit, change(weight, _ROWS), change(weight, _COLUMNS) if name == first else weight)
        for name, weight in weights.items()
    }
