"""Rotation: turns each training image by a random angle about its center.

The angle is uniform in [−degrees, degrees], drawn anew for every image and step; positive angles turn
counterclockwise. Pixels between others are interpolated bilinearly, those from outside the image are 0, and the target
stays. In evaluation images are left as they are. Large angles change what some images mean: a 6 becomes a 9.
Source: Simard, Steinkraus and Platt (2003), doi:10.1109/ICDAR.2003.1227801.
Parity: torch.nn.functional.affine_grid and grid_sample; torch.rot90 for quarter turns.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.lanes.ops import resample_about_center
from regcore.lanes.randomness import uniform
from regcore.sites import Batch, BatchTransform, Key


class Rotation(BatchTransform):
    inputs = ("image",)

    degrees: Tensor = real(
        0.0, 180.0, default=10.0, off=0.0, search=(0.0, 30.0), doc="The largest angle, in degrees, to either side."
    )

    def apply(self, batch: Batch, key: Key) -> Batch:
        drawn = 2 * uniform(key, (len(batch.inputs),)) - 1
        return batch._replace(inputs=rotated(batch.inputs, drawn * self.degrees))


def rotated(images: Tensor, degrees: Tensor) -> Tensor:
    """Images `[B, C, H, W]` turned counterclockwise by angles `[B]`."""
    angle = torch.deg2rad(degrees)
    cosine, sine = torch.cos(angle), torch.sin(angle)
    # rows point down, so the map from where a pixel lands to where it came from is the counterclockwise matrix
    rows = torch.stack([torch.stack([cosine, -sine], -1), torch.stack([sine, cosine], -1)], -2)
    return resample_about_center(images, rows)
