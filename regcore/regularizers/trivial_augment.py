"""TrivialAugment: changes each training image by one operation drawn at random, with a strength drawn at random.

Operation and strength are drawn anew for each image and step, both evenly; there is nothing to tune. The operations
are those of `rand_augment` (identity, rotation, shear, translation, autocontrast, solarize, posterize, brightness,
contrast, sharpness, saturation) and reach as far as there at most, which is the source's own list of operations rather
than its wide one; equalization is left out. Pixels are taken to lie between 0 and 1; the target stays. In evaluation
images are left as they are. Source: Müller and Hutter (2021), arXiv:2103.10158.
Parity: none; the tests compute each operation by hand and measure how often images change.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.lanes.image_operations import IDENTITY, number_of_operations, operated
from regcore.lanes.randomness import uniform
from regcore.sites import Batch, BatchTransform, Key


class TrivialAugment(BatchTransform):
    order = 1
    inputs = ("image",)
    conflicts = ("rand_augment",)

    probability: Tensor = real(0.0, 1.0, default=1.0, off=0.0, doc="The probability that an image is changed at all.")

    def apply(self, batch: Batch, key: Key) -> Batch:
        images = batch.inputs
        used, which, strength = uniform(key, (3, len(images)))
        drawn = torch.floor(which * number_of_operations(images)).to(torch.int64)
        drawn = torch.where(used < self.probability, drawn, IDENTITY)
        return batch._replace(inputs=operated(images, drawn, 2 * strength - 1))
