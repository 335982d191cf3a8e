"""Cutout: blanks a piece of each training row, so that the network learns to do without any single part.

Images: a box of value 0 around a pixel drawn anew for every image and step, with the sides √share of the image's,
rounded to at least one pixel and cut off at the edges. Tables: `share` of the original columns, rounded to at least
one and drawn anew for every row and step, each with all the features that preprocessing made of it. There 0 is the
mean of numbers, and of categories it is none of them. The target stays. Evaluation sees rows as they are.
Source: DeVries and Taylor (2017), arXiv:1708.04552; Kadra, Lindauer, Hutter and Grabocka (2021), arXiv:2106.11189, for
tables (whose code blanks the same features, after encoding, in all rows of a batch).
Parity: none; the tests measure which boxes and columns are blanked, and how often.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.lanes.boxes import boxes, corners_around, in_pixels
from regcore.lanes.columns import chosen, columns_of, whole_number_of
from regcore.lanes.randomness import fold, uniform
from regcore.sites import Batch, BatchTransform, Key, TrainingRows


class Cutout(BatchTransform):
    order = 2
    overlaps = ("random_erasing",)

    probability: Tensor = real(
        0.0, 1.0, default=0.5, off=0.0, search=True, doc="The probability that a row loses a piece."
    )
    share: Tensor = real(
        0.01, 0.9, default=0.2, search=(0.05, 0.5), doc="The share of the image's area, or of the table's columns."
    )

    @classmethod
    def prepare(cls, rows: TrainingRows) -> dict[str, Tensor]:
        return columns_of(rows)

    def apply(self, batch: Batch, key: Key) -> Batch:
        inputs = batch.inputs
        blanked = self._in_images(inputs, key) if inputs.dim() == 4 else self._in_rows(inputs, key)
        used = uniform(fold(key, 0), (len(inputs),)) < self.probability
        used = used.reshape(-1, *[1] * (inputs.dim() - 1))
        return batch._replace(inputs=inputs.masked_fill(used & blanked, 0.0))

    def _in_images(self, images: Tensor, key: Key) -> Tensor:
        root = torch.sqrt(torch.as_tensor(self.share)).expand(2, len(images))
        sides = torch.round(in_pixels(root, images)).clamp(min=1)
        centers = torch.floor(in_pixels(uniform(fold(key, 1), (2, len(images))), images))
        return boxes(images, corners_around(centers, sides), sides)

    def _in_rows(self, rows: Tensor, key: Key) -> Tensor:
        count = whole_number_of(torch.as_tensor(self.share), self.known)
        return chosen(fold(key, 1), len(rows), count, self.known)
