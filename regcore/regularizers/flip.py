"""Flip: mirrors each training image at random, left to right, top to bottom, or both.

Each axis has its own probability, drawn anew for every image and step; the target stays. In evaluation images are left
as they are. Mirror images of letters and digits mean something else, so use it where left and right do not matter.
Source: Krizhevsky, Sutskever and Hinton (2012), doi:10.1145/3065386.
Parity: torch.flip, of every image at the probability 1.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.lanes.randomness import fold, uniform
from regcore.sites import Batch, BatchTransform, Key

_ROWS, _COLUMNS = -2, -1


class Flip(BatchTransform):
    inputs = ("image",)

    horizontal: Tensor = real(
        0.0, 1.0, default=0.5, off=0.0, search=(0.0, 0.5), doc="The probability of mirroring left to right."
    )
    vertical: Tensor = real(0.0, 1.0, default=0.0, off=0.0, doc="The probability of mirroring top to bottom.")

    def apply(self, batch: Batch, key: Key) -> Batch:
        draws = uniform(fold(key, 0), (len(batch.inputs),)), uniform(fold(key, 1), (len(batch.inputs),))
        images = _mirrored(batch.inputs, draws[0] < self.horizontal, _COLUMNS)
        return batch._replace(inputs=_mirrored(images, draws[1] < self.vertical, _ROWS))


def _mirrored(images: Tensor, chosen: Tensor, axis: int) -> Tensor:
    return torch.where(chosen[:, None, None, None], images.flip(axis), images)
