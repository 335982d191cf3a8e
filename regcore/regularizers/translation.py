"""Translation: shifts each training image by a random distance along both axes.

Both distances are uniform in [−share, share] times the image's side, drawn anew for every image and step. Pixels
between others are interpolated bilinearly, those from outside the image are 0, and the target stays. In evaluation
images are left as they are. `crop` shifts by whole pixels instead, which blurs nothing.
Source: Simard, Steinkraus and Platt (2003), doi:10.1109/ICDAR.2003.1227801.
Parity: torch.nn.functional.grid_sample, by which pixels are read.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.lanes.ops import resample_affinely
from regcore.lanes.randomness import uniform
from regcore.sites import Batch, BatchTransform, Key


class Translation(BatchTransform):
    inputs = ("image",)
    overlaps = ("crop",)

    share: Tensor = real(
        0.0,
        0.5,
        default=0.1,
        off=0.0,
        search=(0.0, 0.25),
        doc="The longest distance to either side, as a share of the image's side.",
    )

    def apply(self, batch: Batch, key: Key) -> Batch:
        drawn = (2 * uniform(key, (len(batch.inputs), 2)) - 1) * self.share
        return batch._replace(inputs=translated(batch.inputs, drawn))


def translated(images: Tensor, shares: Tensor) -> Tensor:
    """Images `[B, C, H, W]` moved right and down by shares `[B, 2]` of their width and height."""
    height, width = images.shape[-2:]
    identity = torch.eye(2, dtype=shares.dtype, device=shares.device).expand(len(images), 2, 2)
    return resample_affinely(images, identity, -torch.stack([shares[:, 0] * width, shares[:, 1] * height], -1))
