"""CutMix: pastes a piece of another training row into each, and mixes the targets by the size of the piece.

λ is drawn from Beta(α, α) once for each step and batch, the other row by a random permutation of the batch. Images: a
box with the sides √(1 − λ) of the image's, around a pixel drawn for the batch, cut off at the edges. Tables: (1 − λ)
of the original columns, at least one and others for each row, each with all the features that preprocessing made of
it. The target becomes λ′t + (1 − λ′)t′, where λ′ is the share that truly stayed. Evaluation sees rows as they are.
Source: Yun, Han, Oh, Chun, Choe and Yoo (2019), arXiv:1905.04899; Kadra, Lindauer, Hutter and Grabocka (2021),
arXiv:2106.11189, for tables (whose code swaps the same features, after encoding, in all rows of a batch).
Parity: none; the tests measure what is pasted, from where, and how targets follow.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.lanes.boxes import boxes, corners_around, in_pixels
from regcore.lanes.columns import chosen, columns_of, number_of_columns, whole_number_of
from regcore.lanes.randomness import fold, permutation, symmetric_beta, uniform
from regcore.sites import Batch, BatchTransform, Key, TrainingRows


class Cutmix(BatchTransform):
    order = 3
    least_batch = 2
    conflicts = ("manifold_mixup", "mixup")

    probability: Tensor = real(
        0.0, 1.0, default=0.5, off=0.0, search=True, doc="The probability that a batch is mixed at all."
    )
    alpha: Tensor = real(
        0.1, 8.0, default=1.0, log=True, doc="α: at 1 λ is uniform, below it small and large pieces prevail."
    )

    @classmethod
    def prepare(cls, rows: TrainingRows) -> dict[str, Tensor]:
        return columns_of(rows)

    def apply(self, batch: Batch, key: Key) -> Batch:
        piece = 1 - symmetric_beta(fold(key, 0), self.alpha, (1,))
        pasted, share = (
            self._in_image(batch, key, piece) if batch.inputs.dim() == 4 else self._in_row(batch, key, piece)
        )
        used = uniform(fold(key, 1), (1,)) < self.probability
        partner = permutation(fold(key, 2), len(batch.inputs))
        staying = torch.where(used, 1 - share, 1.0)
        return Batch(
            torch.where(used & pasted, batch.inputs[partner], batch.inputs),
            staying * batch.targets + (1 - staying) * batch.targets[partner],
        )

    def _in_image(self, batch: Batch, key: Key, piece: Tensor) -> tuple[Tensor, Tensor]:
        """Which pixels are pasted, bool `[1, 1, H, W]`, and which share they are of all."""
        sides = torch.floor(in_pixels(torch.sqrt(piece).expand(2, 1), batch.inputs))
        centers = torch.floor(in_pixels(uniform(fold(key, 3), (2, 1)), batch.inputs))
        box = boxes(batch.inputs, corners_around(centers, sides), sides)
        return box, box.to(batch.targets.dtype).mean()

    def _in_row(self, batch: Batch, key: Key, piece: Tensor) -> tuple[Tensor, Tensor]:
        """Which features are pasted, bool `[B, F]`, and which share of all columns they are of."""
        count = whole_number_of(piece[0], self.known)
        pasted = chosen(fold(key, 3), len(batch.inputs), count, self.known)
        return pasted, count / number_of_columns(self.known)
