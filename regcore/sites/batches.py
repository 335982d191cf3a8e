"""The site of the batch: inputs, and targets with them, before the network sees them."""

from __future__ import annotations

from regcore.sites.words import Batch, Key, Regularizer


class BatchTransform(Regularizer):
    """Changes inputs, and targets where the method says so, in training only.

    In rising `order`: geometry 0, brightness and color 1, erasing 2, mixing 3.
    """

    site = "batch_transform"

    def apply(self, batch: Batch, key: Key) -> Batch:
        """The changed batch, of the same shapes."""
        raise NotImplementedError
