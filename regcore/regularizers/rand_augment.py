"""RandAugment: changes each training image by a few operations drawn at random, all with one magnitude.

Every operation is drawn anew for each image, place and step, evenly from: identity, rotation (30°), shear along either
axis (0.3), translation along either axis (0.3 of the side), autocontrast, solarize, posterize, brightness, contrast,
sharpness and, with three channels, saturation (0.9 around 1). In brackets is what magnitude 1 means; directions are
drawn. Solarize inverts pixels above 1 − magnitude, posterize leaves 8 − 4 · magnitude bits, autocontrast has no
magnitude. The source's equalization is left out. Pixels are taken to lie between 0 and 1; the target stays. In
evaluation images are left as they are. Source: Cubuk, Zoph, Shlens and Le (2020), arXiv:1909.13719.
Parity: none; the tests compute each operation by hand and measure how often images change.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import integer, real
from regcore.lanes.image_operations import IDENTITY, number_of_operations, operated
from regcore.lanes.randomness import fold, uniform
from regcore.sites import Batch, BatchTransform, Key


class RandAugment(BatchTransform):
    order = 1
    inputs = ("image",)
    conflicts = ("trivial_augment",)

    magnitude: Tensor = real(
        0.0, 1.0, default=0.3, search=True, doc="How far operations go; 1 is the source's magnitude of 30."
    )
    operations: int = integer(1, 4, default=2, per="program", doc="How many operations follow one another.")
    probability: Tensor = real(0.0, 1.0, default=1.0, off=0.0, doc="The probability that an image is changed at all.")

    def apply(self, batch: Batch, key: Key) -> Batch:
        images = batch.inputs
        used = uniform(fold(key, 0), (len(images),)) < self.probability
        for place in range(1, self.operations + 1):
            which, direction = uniform(fold(key, place), (2, len(images)))
            drawn = torch.floor(which * number_of_operations(images)).to(torch.int64)
            strength = torch.where(direction < 0.5, -1.0, 1.0) * self.magnitude
            images = operated(images, torch.where(used, drawn, IDENTITY), strength)
        return batch._replace(inputs=images)
