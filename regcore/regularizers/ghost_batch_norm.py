"""Ghost batch normalization: batch normalization over small parts of the batch, so that large batches keep its noise.

The batch is cut into as many equal parts as leave each at least `size` rows, and each part is normalized by its own
mean and variance as `batch_norm` does. The running statistics, which evaluation uses, follow the parts one after the
other, each by running ← (1 − momentum) · running + momentum · part. A batch smaller than two parts is one part, and
this is then `batch_norm`. γ and β are learned, start at 1 and 0, and are not penalized.
Source: Hoffer, Hubara and Soudry (2017), arXiv:1705.08741, algorithm 1.
Parity: torch.nn.BatchNorm1d and BatchNorm2d of each part, one after the other.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import integer
from regcore.regularizers.batch_norm import BatchNorm
from regcore.sites import Parameters, State, by_feature


class GhostBatchNorm(BatchNorm):
    overlaps = ("batch_norm", "group_norm", "layer_norm", "rms_norm")

    size: int = integer(2, 65_536, default=32, log=True, per="program", doc="The fewest rows that a part has.")

    def train(self, activation: Tensor, own: Parameters, state: State) -> tuple[Tensor, State]:
        parts = parts_of(len(activation), self.size)
        ghosts = activation.reshape(parts, len(activation) // parts, *activation.shape[1:])
        over = [axis for axis in range(1, ghosts.dim()) if axis != 2]
        centered = ghosts - ghosts.mean(over, keepdim=True)
        variance = centered.square().mean(over, keepdim=True)
        normalized = (centered / (variance + self.epsilon).sqrt()).reshape(activation.shape)
        count = ghosts[0, :, 0].numel()
        moved = {
            "mean": self._moved(state["mean"], ghosts.mean(over).detach()),
            "variance": self._moved(state["variance"], variance.detach().reshape(parts, -1) * (count / (count - 1))),
        }
        return normalized * by_feature(own["gain"], activation) + by_feature(own["shift"], activation), moved

    def _moved(self, running: Tensor, of_parts: Tensor) -> Tensor:
        """The running statistic `[F]` after those of the parts `[parts, F]`, as if they came one after the other."""
        parts = len(of_parts)
        kept = torch.as_tensor(1 - self.momentum, dtype=running.dtype, device=running.device)
        later = torch.arange(parts - 1, -1, -1, dtype=running.dtype, device=running.device)
        return kept**parts * running + ((self.momentum * kept**later)[:, None] * of_parts).sum(0)


def parts_of(rows: int, size: int) -> int:
    """The largest number of equal parts of so many rows that have `size` rows each, or more."""
    for parts in range(rows // size, 1, -1):
        if rows % parts == 0:
            return parts
    return 1
