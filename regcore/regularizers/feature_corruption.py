"""Feature corruption (swap noise): replaces values of each training row by those of other rows in the same column.

Each original column of each row takes, with probability `rate`, the value of another row of the batch, which is drawn
for it alone; all the features that preprocessing made of the column go along, so that categories stay whole. Columns
keep the values that they have in the data, but rows become combinations that it need not hold. The target stays.
Evaluation sees rows as they are. Source: Bahri, Jiang, Tay and Metzler (2022), arXiv:2106.15147, section 3, which
replaces a fixed share of each row's features by draws from their columns.
Parity: none; the tests measure which values are swapped, from where, and how often.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.lanes.columns import columns_of, of_each
from regcore.lanes.randomness import fold, uniform
from regcore.sites import Batch, BatchTransform, Key, TrainingRows


class FeatureCorruption(BatchTransform):
    order = 2
    inputs = ("table",)
    least_batch = 2

    rate: Tensor = real(
        0.0, 0.9, default=0.1, off=0.0, search=(0.0, 0.6), doc="The probability that a column's value is replaced."
    )

    @classmethod
    def prepare(cls, rows: TrainingRows) -> dict[str, Tensor]:
        return columns_of(rows)

    def apply(self, batch: Batch, key: Key) -> Batch:
        rows, columns = len(batch.inputs), len(self.known["columns"])
        corrupted = uniform(fold(key, 0), (rows, columns)) < self.rate
        # how many rows further down the other row lies, in a circle, so that none is its own
        distance = 1 + torch.floor(uniform(fold(key, 1), (rows, columns)) * (rows - 1)).to(torch.int64)
        other = (torch.arange(rows, device=distance.device)[:, None] + distance) % rows
        feature = torch.arange(batch.inputs.shape[1], device=distance.device)
        swapped = batch.inputs[of_each(other, self.known), feature]
        return batch._replace(inputs=torch.where(of_each(corrupted, self.known), swapped, batch.inputs))
