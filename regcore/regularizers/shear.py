"""Shear: slants each training image by a random angle about its center, as italics slant letters.

Each axis has its own largest angle; both angles are uniform in [−largest, largest], drawn anew for every image and
step. A pixel at (x, y) from the center moves by y · tan(horizontal) to the side and by x · tan(vertical) down. Pixels
between others are interpolated bilinearly, those from outside the image are 0, and the target stays. In evaluation
images are left as they are. Source: Simard, Steinkraus and Platt (2003), doi:10.1109/ICDAR.2003.1227801.
Parity: torch.nn.functional.affine_grid and grid_sample.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.lanes.ops import resample_about_center
from regcore.lanes.randomness import uniform
from regcore.sites import Batch, BatchTransform, Key


class Shear(BatchTransform):
    inputs = ("image",)

    horizontal: Tensor = real(
        0.0,
        40.0,
        default=10.0,
        off=0.0,
        search=(0.0, 25.0),
        doc="The largest angle by which upright lines slant, in degrees, to either side.",
    )
    vertical: Tensor = real(
        0.0, 40.0, default=0.0, off=0.0, doc="The largest angle by which level lines slant, in degrees, to either side."
    )

    def apply(self, batch: Batch, key: Key) -> Batch:
        drawn = 2 * uniform(key, (2, len(batch.inputs))) - 1
        return batch._replace(inputs=sheared(batch.inputs, drawn[0] * self.horizontal, drawn[1] * self.vertical))


def sheared(images: Tensor, horizontal: Tensor, vertical: Tensor) -> Tensor:
    """Images `[B, C, H, W]` slanted by angles `[B]` in degrees, within ±40 each."""
    across, down = torch.tan(torch.deg2rad(horizontal)), torch.tan(torch.deg2rad(vertical))
    one = torch.ones_like(across)
    # where pixels land is mapped to where they came from: the inverse of [[1, across], [down, 1]]
    inverse = torch.stack([torch.stack([one, -across], -1), torch.stack([-down, one], -1)], -2)
    return resample_about_center(images, inverse / (1 - across * down)[:, None, None])
