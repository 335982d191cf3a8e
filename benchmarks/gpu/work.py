"""The work that is measured: synthetic rows, networks, and lanes of a program that train on them step by step."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from regcore.architectures.convnet import Convnet
from regcore.architectures.mlp import Mlp
from regcore.data import Split
from regcore.lanes import Fit, Program, stacking
from regcore.lanes.engines import Engine
from regcore.lanes.fused import FusedProgram
from regcore.lanes.precision import Precision
from regcore.lanes.settings import LaneSettings, lane_settings
from regcore.lanes.step import Clock
from regcore.network import Architecture

BATCH = 128
FEATURES, CLASSES = 54, 7
SIDE = 28
_KINDS = ("decoupled_weight_decay", "dropout", "l1")
SETTING = {"decoupled_weight_decay.strength": 1e-2, "dropout.rate": 0.2, "l1.strength": 1e-6}
_DIFFERENT = 8
"""Lanes that differ; the others are copies of them, since making a network takes the host longer than a step."""


@dataclass(frozen=True)
class Case:
    """A network and the rows that it is trained on."""

    architecture: Architecture
    split: Split

    def program(self, precision: Precision = "float32") -> Program:
        """The program: AdamW, dropout, L1 and decoupled weight decay, batches of 128."""
        return Program(
            architecture=self.architecture,
            optimizer="adamw",
            schedule="constant",
            batch_size=BATCH,
            kinds=_KINDS,
            task="classification",
            objective="accuracy",
            direction="maximize",
            outputs=self.split.targets_train.shape[1],
            precision=precision,
        )


def mlp(width: int, rows: int) -> Case:
    """54-width-width-width-7 on a table."""
    return Case(Mlp(width=width, depth=3), _split((FEATURES,), CLASSES, rows))


def convnet(width: int, rows: int) -> Case:
    """Two blocks of 3×3 convolutions on images of 28 × 28."""
    return Case(Convnet(width=width, depth=2), _split((1, SIDE, SIDE), 10, rows))


class Stepping:
    """Lanes of one program that train: every call is a step of all of them."""

    def __init__(self, fused: FusedProgram, program: Program, engine: Engine, lanes: int) -> None:
        fits = [Fit(str(number), number, 1, SETTING) for number in range(min(lanes, _DIFFERENT))]
        few = fused.start(fits)
        width = engine.width(lanes, lanes)
        places = torch.arange(width) % len(fits)
        self.lanes = stacking.moved(stacking.take(few, places), fused.device)
        self.settings: LaneSettings = lane_settings(
            program, [fits[place] for place in places.tolist()], fused.device, spare=engine.spares
        )
        self._fused = fused
        first = torch.zeros(width, dtype=torch.int32, device=fused.device)
        self._order = fused.order(self.lanes, first)
        self._steps = torch.full((width,), 10_000, dtype=torch.int64, device=fused.device)
        self._first, self._done = first, 0

    def __call__(self) -> Tensor:
        """One step; gives the losses, on the device."""
        at = self._done % self._fused.steps_per_epoch * self._fused.batch_size
        rows = self._order[:, at : at + self._fused.batch_size]
        clock = Clock(self._first + self._done, self._steps)
        self.lanes, losses = self._fused.step(self.lanes, self.settings, rows, clock)
        self._done += 1
        return losses


def parameters_of(fused: FusedProgram) -> int:
    """How many parameters one lane has."""
    return sum(weight.numel() for weight in fused.start([Fit("size", 0, 1, {})]).state.parameters.values())


def _split(row: tuple[int, ...], classes: int, rows: int) -> Split:
    generator = torch.Generator().manual_seed(0)

    def drawn(count: int) -> tuple[Tensor, Tensor]:
        inputs = torch.randn(count, *row, generator=generator)
        labels = torch.randint(classes, (count,), generator=generator)
        # The label can be learnt from the first numbers of a row.
        inputs.flatten(start_dim=1)[torch.arange(count), labels] += 2.0
        return inputs, torch.nn.functional.one_hot(labels, classes).float()

    return Split(*drawn(rows), *drawn(rows // 4))
