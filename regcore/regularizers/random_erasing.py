"""Random erasing: blanks a random rectangle of each training image, or fills it with noise.

With the given probability, a share of the image's area uniform between 0.02 and `largest` is erased, in a rectangle
whose height over width, measured in the image's own sides, is log-uniform between 0.3 and 1 / 0.3, as far as that
leaves the rectangle inside the image; its place is uniform among those inside. All is drawn anew for every image and
step; sides are rounded to pixels. Pixels become 0, or uniform numbers between 0 and 1 where `fill` is `noise`. The
target stays. In evaluation images are left as they are. Source: Zhong, Zheng, Kang, Li and Yang (2020),
doi:10.1609/aaai.v34i07.7000, arXiv:1708.04896.
Parity: none; the tests measure areas, ratios and places of what is erased.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from regcore.hyper import choice, real
from regcore.lanes.boxes import boxes, in_pixels
from regcore.lanes.randomness import fold, uniform
from regcore.sites import Batch, BatchTransform, Key

_FILLS = ("zero", "noise")


class RandomErasing(BatchTransform):
    order = 2
    inputs = ("image",)
    overlaps = ("cutout",)

    probability: Tensor = real(
        0.0, 1.0, default=0.5, off=0.0, search=True, doc="The probability that an image loses a rectangle."
    )
    largest: Tensor = real(0.03, 0.8, default=0.33, doc="The largest share of the area that is erased.")
    fill: Tensor | str = choice(*_FILLS, default="zero", doc="What erased pixels become.")

    def apply(self, batch: Batch, key: Key) -> Batch:
        images = batch.inputs
        used, area, ratio = uniform(fold(key, 0), (3, len(images)))
        # A number that stands here is fixed in a graph; a lane's scalar could not be added to one that is not.
        smallest = 0.02
        sides = rectangles(smallest + (self.largest - smallest) * area, 2 * ratio - 1)
        sides = torch.round(in_pixels(sides, images)).clamp(min=1)
        free = in_pixels(torch.ones_like(sides), images) - sides
        corners = torch.floor(uniform(fold(key, 1), (2, len(images))) * (free + 1))
        erased = (used < self.probability)[:, None, None, None] & boxes(images, corners, sides)
        return batch._replace(inputs=torch.where(erased, self._filling(images, key), images))

    def _filling(self, images: Tensor, key: Key) -> Tensor:
        """What erased pixels become; in a lane the fill is data, and arrives as its place among the fills."""
        fill = torch.as_tensor(_FILLS.index(self.fill) if isinstance(self.fill, str) else self.fill)
        noise = uniform(fold(key, 2), tuple(images.shape)).to(images.dtype)
        return torch.where(fill == _FILLS.index("noise"), noise, torch.zeros_like(noise))


def rectangles(areas: Tensor, ratios: Tensor) -> Tensor:
    """Heights and widths `[2, B]` of rectangles with these areas, as shares of an image's; ratios lie in [−1, 1].

    −1 is the flattest and 1 the highest that is allowed and fits.
    """
    logarithm = torch.log(areas)
    half_ratio = ratios * torch.clamp(-logarithm, max=math.log(1 / 0.3)) / 2
    return torch.exp(torch.stack([logarithm / 2 + half_ratio, logarithm / 2 - half_ratio]))
