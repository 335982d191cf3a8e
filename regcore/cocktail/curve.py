"""The curve of a loop: its losses epoch by epoch, and what its stopping rules make of them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from regcore.cocktail.errors import LoopError
from regcore.lanes import Fit, Program, stacking
from regcore.lanes.ending import stopped
from regcore.lanes.evaluation import Evaluated
from regcore.lanes.record import Record


class Curve:
    """The losses of the one fit that a loop is; `best` is what its best epoch left, `last` the latest data loss."""

    def __init__(self, program: Program, fit: Fit) -> None:
        self.best: Evaluated | None = None
        self.last: Tensor | None = None
        self._program = program
        self._record = Record(fit)
        self._losses: list[Tensor] = []

    def note(self, data_loss: Tensor) -> None:
        """Note a step."""
        self._losses.append(data_loss)
        self.last = data_loss

    def add(self, validation_loss: float) -> tuple[str | None, bool]:
        """Note the end of an epoch: why the loop is to end, if it is, and whether the epoch is the best so far."""
        if not self._losses:
            raise LoopError("an epoch ends without a step; call stops after the steps of each epoch")
        train_loss = float(stacking.on_host(torch.stack(self._losses)).mean())
        self._losses = []
        objective = self._program.objective
        self._record.add(train_loss, float(validation_loss), {objective: float(validation_loss)}, objective)
        ends = [end for kind in self._program.kinds for end in stopped(kind, {0: self._record}).values()]
        return (ends[-1].reason if ends else None), self._record.best_epoch == self._record.epoch

    def state_dict(self) -> dict[str, Any]:
        """The losses so far, and the best epoch's weights."""
        return {
            "losses": list(self._losses),
            "train_losses": list(self._record.train_losses),
            "validation_losses": list(self._record.validation_losses),
            "best_epoch": self._record.best_epoch,
            "best": None if self.best is None else stacking.copied(self.best)._asdict(),
        }

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """The inverse of `state_dict`."""
        self._losses = list(saved["losses"])
        self._record = Record(
            self._record.fit,
            list(saved["train_losses"]),
            list(saved["validation_losses"]),
            list(saved["validation_losses"]),
            saved["best_epoch"],
        )
        self.best = None if saved["best"] is None else Evaluated(**saved["best"])
