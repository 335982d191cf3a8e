"""What a worker was started with, handed from its main process to the process that trains."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Self

DEFAULT_LANES = {"cpu": 16, "cuda": 128}
_NAMES = ("REGTUNE_WORKER_ID", "REGTUNE_WORKER_DEVICE", "REGTUNE_WORKER_LANES")


@dataclass(frozen=True)
class WorkerOptions:
    """Who the worker is (its row in the database), the torch device it trains on, and how many fits at once."""

    worker_id: str
    device: str
    lanes: int

    def export(self) -> None:
        """Writes the options to the environment, which a spawned process inherits."""
        os.environ.update(zip(_NAMES, (self.worker_id, self.device, str(self.lanes)), strict=True))

    @classmethod
    def from_environment(cls) -> Self:
        """The options that the main process exported.

        Raises:
            KeyError: this process was not started by a worker.
        """
        worker_id, device, lanes = (os.environ[name] for name in _NAMES)
        return cls(worker_id, device, int(lanes))
