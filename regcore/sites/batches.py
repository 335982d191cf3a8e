"""The site of the batch: inputs, and targets with them, before the network sees them."""

from __future__ import annotations

from regcore.sites.words import Batch, Key, Regularizer


class BatchTransform(Regularizer):
    """Changes inputs, and targets where the method says so, in training only: augmentation, mixing, erasing."""

    site = "batch_transform"

    def apply(self, batch: Batch, key: Key) -> Batch:
        """The changed batch, of the same shapes."""
        raise NotImplementedError
