"""DropConnect: leaves out single weights at random in training, as dropout does units.

A layer uses W · m / (1 − rate), with m = 0 with probability `rate` and 1 otherwise, drawn anew for every weight and
step; in evaluation it uses W. One mask serves all rows of a batch: the source draws one for each row and samples in
evaluation too, which would take a weight for every row. Biases are left alone.
Source: Wan, Zeiler, Zhang, LeCun and Fergus (2013), jmlr.org/proceedings/papers/v28/wan13.html.
Parity: torch.nn.functional.dropout of a layer's weight, in what becomes of kept and of dropped weights.
"""

from __future__ import annotations

from torch import Tensor

from regcore.hyper import real
from regcore.lanes.ops import where_positive
from regcore.lanes.randomness import uniform
from regcore.sites import Key, Parameters, Reparametrization, State


class DropConnect(Reparametrization):
    order = 3

    rate: Tensor = real(
        0.0, 0.95, default=0.2, off=0.0, search=(0.0, 0.6), doc="The probability that a weight is left out of a step."
    )

    def train(self, weight: Tensor, own: Parameters, state: State, key: Key) -> tuple[Tensor, State]:
        keep = 1 - self.rate  # divided out below, so that evaluation needs no rescaling
        return where_positive(keep - uniform(key, tuple(weight.shape)), weight / keep), state

    def evaluate(self, weight: Tensor, own: Parameters, state: State) -> Tensor:
        return weight
