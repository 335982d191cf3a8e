"""Training steps one by one: fits of a program as lanes, without epochs, evaluation and ends around them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from regcore.data import Split
from regcore.lanes import Fit, Program
from regcore.lanes.engines import EngineName
from regcore.lanes.engines import find as find_engine
from regcore.lanes.fused import FusedProgram
from regcore.lanes.settings import lane_settings
from regcore.lanes.step import Clock


class Stepping:
    """Fits of one program, taken through its steps together; the engine `alone` takes one fit."""

    def __init__(self, program: Program, split: Split, fits: Sequence[Fit], engine: EngineName) -> None:
        """Compiles, where the engine does.

        Raises:
            CannotCompile: the engine is `compiled`, and this machine cannot.
        """
        found = find_engine(engine)
        self._fused = FusedProgram(program, split, torch.device("cpu"), found)
        self._fused.make_ready()
        silent = [fits[0]] * max(0, found.least_lanes - len(fits))
        together = [*fits, *silent]
        self._lanes = self._fused.start(together)
        self._settings = lane_settings(program, together, torch.device("cpu"), spare=found.spares)
        self._lengths = torch.tensor([fit.epochs * self.steps_per_epoch for fit in together])
        self._step = 0
        self._fits = len(fits)

    @property
    def steps_per_epoch(self) -> int:
        """How many steps an epoch has."""
        return self._fused.steps_per_epoch

    def steps(self, count: int) -> Tensor:
        """The next steps' data losses `[count, K]`, one lane for each fit."""
        return torch.stack([self._next() for _ in range(count)])[:, : self._fits]

    def _next(self) -> Tensor:
        epoch, step = divmod(self._step, self.steps_per_epoch)
        if step == 0:
            epochs = torch.full((len(self._lengths),), epoch, dtype=torch.int32)
            self._order = self._fused.order(self._lanes, epochs)
        size = self._fused.batch_size
        clock = Clock(torch.full((len(self._lengths),), self._step, dtype=torch.int32), self._lengths)
        rows = self._order[:, step * size : (step + 1) * size]
        self._lanes, losses = self._fused.step(self._lanes, self._settings, rows, clock)
        self._step += 1
        return losses.clone()
