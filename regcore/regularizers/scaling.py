"""Scaling: zooms each training image by a random factor about its center.

The factor is uniform in [1 − amount, 1 + amount], drawn anew for every image and step; above 1 magnifies. The size in
pixels stays: what grows past the edge is lost, what comes from outside the image is 0, pixels between others are
interpolated bilinearly, and the target stays. In evaluation images are left as they are. (The scaling of features to
unit variance is preprocessing, not this.) Source: Simard, Steinkraus and Platt (2003), doi:10.1109/ICDAR.2003.1227801.
Parity: torch.nn.functional.affine_grid and grid_sample.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.lanes.ops import resample_about_center
from regcore.lanes.randomness import uniform
from regcore.sites import Batch, BatchTransform, Key


class Scaling(BatchTransform):
    inputs = ("image",)

    amount: Tensor = real(
        0.0, 0.9, default=0.1, off=0.0, search=(0.0, 0.3), doc="How far the factor may be from 1, to either side."
    )

    def apply(self, batch: Batch, key: Key) -> Batch:
        drawn = 2 * uniform(key, (len(batch.inputs),)) - 1
        return batch._replace(inputs=zoomed(batch.inputs, 1 + drawn * self.amount))


def zoomed(images: Tensor, factors: Tensor) -> Tensor:
    """Images `[B, C, H, W]` magnified by factors `[B]` above 0."""
    identity = torch.eye(2, dtype=factors.dtype, device=factors.device)
    return resample_about_center(images, identity / factors[:, None, None])
