"""The record of one fit in training: its curve so far, its best epoch, and how it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from regcore.lanes.program import EpochOfLane, Fit
from regcore.sites import Curves


@dataclass
class Record:
    """One fit's history on the host. Epochs count from 1; `best_epoch` is 0 before the first; `over` frees its lane."""

    fit: Fit
    train_losses: list[float] = field(default_factory=list)
    validation_losses: list[float] = field(default_factory=list)
    objectives: list[float] = field(default_factory=list)
    best_epoch: int = 0
    over: bool = False

    @property
    def epoch(self) -> int:
        return len(self.validation_losses)

    @property
    def value(self) -> float:
        """The objective at the best epoch."""
        return self.objectives[self.best_epoch - 1]

    def add(
        self, train_loss: float, validation_loss: float, metrics: Mapping[str, float], objective: str
    ) -> EpochOfLane:
        """Note an epoch; the best is that of the lowest validation loss, the earliest on ties."""
        self.train_losses.append(train_loss)
        self.validation_losses.append(validation_loss)
        self.objectives.append(metrics[objective])
        if self.best_epoch == 0 or validation_loss < self.validation_losses[self.best_epoch - 1]:
            self.best_epoch = self.epoch
        return EpochOfLane(self.fit.key, self.epoch, train_loss, validation_loss, metrics[objective], metrics)


def curves(records: list[Record]) -> Curves:
    """The curves of the fits as arrays `[K, E]`, NaN beyond each one's epochs."""
    epochs = np.array([record.epoch for record in records])
    validation_loss = np.full((len(records), int(epochs.max())), np.nan)
    train_loss = validation_loss.copy()
    for place, record in enumerate(records):
        validation_loss[place, : record.epoch] = record.validation_losses
        train_loss[place, : record.epoch] = record.train_losses
    return Curves(validation_loss, train_loss, epochs)
