"""The settings of K lanes as tensors: a value `[K]` of every hyperparameter, and which lane uses which kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from regcore.hyper import Hyperparameter, Value
from regcore.lanes.program import Fit, Program

_DTYPES = {"real": torch.float32, "integer": torch.int64, "choice": torch.int64, "flag": torch.bool}


@dataclass(frozen=True)
class LaneSettings:
    """Values `[K]` by flat name, a choice as its place among the choices; masks `[K]` of bool by kind.

    A lane that does not use a kind holds the kind's defaults, so that nothing hostile reaches its unused branch. Where
    work is spared, a kind that no lane uses has no entry in `masks`, and one that every lane uses has None.
    """

    values: dict[str, Tensor]
    masks: dict[str, Tensor | None]


def lane_settings(program: Program, fits: Sequence[Fit], device: torch.device, *, spare: bool = True) -> LaneSettings:
    """The settings of the fits, in their order; `spare` leaves out the guards and kinds that these fits do not need.

    With it a step costs less, without it the step's graph is the same whoever trains.
    """
    values = {}
    for name, knob in program.lane_knobs().items():
        column = [_as_number(knob, fit.values.get(name, knob.default)) for fit in fits]
        values[name] = torch.tensor(column, dtype=_DTYPES[knob.type], device=device)
    masks: dict[str, Tensor | None] = {}
    for kind in program.kinds:
        uses = [fit.uses(kind) for fit in fits]
        if any(uses) or not spare:
            masks[kind] = None if spare and all(uses) else torch.tensor(uses, device=device)
    return LaneSettings(values, masks)


def knob_values(kind: str, knobs: Mapping[str, Hyperparameter], fits: Sequence[Fit]) -> dict[str, np.ndarray]:
    """The values of one kind's hyperparameters as numpy arrays `[K]`, choices as their names: for stopping rules."""
    return {
        name: np.array([fit.values.get(f"{kind}.{name}", knob.default) for fit in fits]) for name, knob in knobs.items()
    }


def _as_number(knob: Hyperparameter, value: Value) -> float | int | bool:
    if knob.type == "choice":
        return knob.choices.index(str(value))
    if knob.type == "flag":
        return bool(value)
    return int(value) if knob.type == "integer" else float(value)
