"""Crop: adds an empty border to each training image and cuts a random piece of its former size from it.

The border is padding · side pixels of value 0, rounded, and every piece is equally likely, so that an image is shifted
by up to that many pixels along each axis; drawn anew for every image and step. The target stays. In evaluation images
are left as they are. A padding of 1/8 is the four pixels that are usual for images of 32.
Source: He, Zhang, Ren and Sun (2016), arXiv:1512.03385, section 4.2.
Parity: torch.nn.functional.pad: every result is a piece of what it gives, each as likely.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.lanes.ops import shift_pixels
from regcore.lanes.randomness import fold, uniform
from regcore.sites import Batch, BatchTransform, Key


class Crop(BatchTransform):
    inputs = ("image",)
    overlaps = ("translation",)

    padding: Tensor = real(
        0.0,
        0.5,
        default=0.125,
        off=0.0,
        search=(0.0, 0.25),
        doc="The width of the border on each side, as a share of the image's side, rounded to whole pixels.",
    )

    def apply(self, batch: Batch, key: Key) -> Batch:
        rows, columns = (self._shifts(fold(key, axis), batch.inputs, axis - 2) for axis in (0, 1))
        return batch._replace(inputs=shift_pixels(batch.inputs, rows, columns))

    def _shifts(self, key: Key, images: Tensor, axis: int) -> Tensor:
        """Whole numbers `[B]`, uniform in −border … border."""
        border = torch.round(torch.as_tensor(self.padding * images.shape[axis]))
        return (torch.floor(uniform(key, (len(images),)) * (2 * border + 1)) - border).to(torch.int64)
