"""The streams of a loop's one fit: from their names to keys, at its start and at each of its steps."""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.lanes.network import Keys
from regcore.lanes.randomness import fold, stream_key


class Streams:
    """The streams of one seed, on one device."""

    def __init__(self, seed: int, device: torch.device) -> None:
        self.device = device
        self._seed = seed
        self._known: dict[str, Tensor] = {}

    def key(self, stream: str) -> Tensor:
        """The key of a stream."""
        if stream not in self._known:
            number = stream_key(self._seed, stream)
            self._known[stream] = torch.tensor(number, dtype=torch.int32, device=self.device)
        return self._known[stream]

    def at(self, step: int) -> Keys:
        """From streams to their keys at a step, from 0."""
        return lambda stream: fold(self.key(stream), step)
