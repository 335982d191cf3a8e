"""The choice of an engine: what training a program's fits would take, and whether compiling pays for itself.

The constants were measured on one core (docs/decisions/0004, 0007 and 0008); the choice need not be exact, for it is
worth something only where the work is many times what compiling takes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from regcore.lanes.engines import EngineName
from regcore.lanes.engines import find as find_engine
from regcore.lanes.fused import FusedProgram
from regcore.lanes.program import Fit, Program

if TYPE_CHECKING:
    from regcore.data import Split

COMPILING_SECONDS = 40.0
_SAVED_SECONDS_A_STEP = 1e-4
_SAVED_SECONDS_A_PARAMETER = 1e-8
_SAVED_SECONDS_A_PIXEL = 1e-5
"""Of an image, where a network convolves: half of what 16 channels and batches of 128 rows gave."""
_WIDE_PARAMETERS = 60_000
_WIDER_PARAMETERS = 300_000
_WIDEST_PARAMETERS = 1_200_000
"""Lanes fall out of a processor's cache: from the first on few are best, where they are not compiled from the second on
fewer, and from the third on one alone."""
_LARGE_PIXELS = 400
_FEW_LANES = 8
_FEWER_LANES = 4


@dataclass(frozen=True, slots=True)
class Choice:
    """An engine, and why it was chosen."""

    engine: EngineName
    reason: str


@dataclass(frozen=True, slots=True)
class Work:
    """What one training step of a program consists of, and how many steps there are for all its fits together."""

    steps: int
    parameters: int
    convolutional: bool
    pixels: int
    device: str


def work_of(program: Program, split: Split, device: str, fits: int, epochs: int) -> Work:
    """The work of so many fits of the program, each of so many epochs."""
    fused = FusedProgram(program, split, torch.device("cpu"), find_engine("eager"))
    parameters = fused.start([Fit("size", seed=0, epochs=1, values={})]).state.parameters.values()
    row = tuple(split.inputs_train.shape[1:])
    return Work(
        steps=fits * epochs * fused.steps_per_epoch,
        parameters=sum(parameter[0].numel() for parameter in parameters),
        convolutional=any(parameter[0].dim() > 2 for parameter in parameters),
        pixels=math.prod(row[1:]) if len(row) > 1 else 0,
        device=torch.device(device).type,
    )


def choose(work: Work) -> Choice:
    """The engine that ends this work first, where a compiler can be had."""
    saved_a_step = _SAVED_SECONDS_A_STEP + _SAVED_SECONDS_A_PARAMETER * work.parameters
    if work.device == "cpu" and work.convolutional:
        saved_a_step = _SAVED_SECONDS_A_PIXEL * work.pixels
    saved = work.steps * saved_a_step
    if saved <= COMPILING_SECONDS:
        return choose_uncompiled(work, f"compiling would save {saved:.0f} s and take about {COMPILING_SECONDS:.0f} s")
    return Choice("compiled", f"compiling saves about {saved:.0f} s")


def choose_uncompiled(work: Work, why: str) -> Choice:
    """The engine that ends this work first without compiling, which `why` speaks against."""
    if work.device == "cpu" and work.convolutional and work.pixels >= _LARGE_PIXELS:
        return Choice("alone", f"not compiled: {why}; images this large train best one fit at a time")
    if work.device == "cpu" and not work.convolutional and work.parameters > _WIDEST_PARAMETERS:
        return Choice("alone", f"not compiled: {why}; layers this wide train best one fit at a time")
    return Choice("eager", f"not compiled: {why}")


def most_lanes(work: Work, engine: EngineName) -> int | None:
    """On how many fits at once an engine trains the program best, at most; None where memory alone is the limit."""
    own_most = find_engine(engine).suited(work.convolutional, torch.device(work.device)).most_lanes
    if own_most is not None:
        return own_most
    if work.device != "cpu" or work.parameters <= _WIDE_PARAMETERS:
        return None
    return _FEWER_LANES if engine == "eager" and work.parameters >= _WIDER_PARAMETERS else _FEW_LANES
