"""Programs and fits: what lanes share to train as one tensor program, and what each brings of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from torch import Tensor

from regcore.hyper import Hyperparameter, Value
from regcore.lanes.precision import Precision
from regcore.network import Architecture
from regcore.optimizers import find as find_optimizer
from regcore.regularizers import find as find_regularizer
from regcore.schedules import find as find_schedule


@dataclass(frozen=True)
class Program:
    """What all lanes of one tensor program share.

    `kinds` names the regularizers that any lane may use; `objective` is a metric of `regcore.lanes.metrics`, better
    when larger if `direction` is "maximize"; `outputs` is the number of classes, or 1 for regression; `fixed` holds
    the regularizers' own values that are per program, by flat name ("drop_block.size"); `precision` is that of the
    products in layers.
    """

    architecture: Architecture
    optimizer: str
    schedule: str
    batch_size: int
    kinds: tuple[str, ...]
    task: Literal["classification", "regression"]
    objective: str
    direction: Literal["maximize", "minimize"]
    outputs: int
    fixed: Mapping[str, Value] = field(default_factory=dict)
    precision: Precision = "float32"

    def lane_knobs(self) -> dict[str, Hyperparameter]:
        """The hyperparameters that each lane has a value of, by flat name."""
        knobs = {
            f"{kind}.{name}": knob
            for kind in self.kinds
            for name, knob in find_regularizer(kind).hyperparameters.items()
        }
        training = {
            "training.optimizer": find_optimizer(self.optimizer).hyperparameters,
            "training.schedule": find_schedule(self.schedule).hyperparameters,
        }
        for prefix, declared in training.items():
            knobs.update({f"{prefix}.{name}": knob for name, knob in declared.items()})
        return {name: knob for name, knob in knobs.items() if knob.per == "lane"}


@dataclass(frozen=True)
class Fit:
    """One training run of a setting.

    `key` names it to the caller; `seed` decides every draw; `values` is the flat setting: "dropout.rate" → 0.3,
    "training.optimizer.learning_rate" → 0.001. A kind none of whose hyperparameters is there is not used.
    """

    key: str
    seed: int
    epochs: int
    values: Mapping[str, Value]

    def uses(self, kind: str) -> bool:
        """Whether the setting holds a hyperparameter of the kind, or says by its gate that it is used."""
        return any(
            name.startswith(f"{kind}.") and (name != f"{kind}.gate" or value is True)
            for name, value in self.values.items()
        )


@dataclass(frozen=True)
class EpochOfLane:
    """One fit's epoch: epochs count from 1, losses are means over rows without penalties, all finite."""

    key: str
    epoch: int
    train_loss: float
    validation_loss: float
    objective: float
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class Weights:
    """What training kept of a fit: parameters and state of its best epoch, on the CPU.

    `averages` holds, by kind, what the weight averages that the fit uses remember: predictions are made by these.
    """

    parameters: Mapping[str, Tensor]
    state: Mapping[str, Tensor]
    averages: Mapping[str, Mapping[str, Tensor]] = field(default_factory=dict)


@dataclass(frozen=True)
class Finished:
    """A fit that has a value: the objective at the epoch of the lowest validation loss, the earliest on ties.

    `metrics` are those of the best epoch's weights on the validation rows, the objective on the training rows
    ("train_…"), the share of penalized weights that are exactly zero as layers use them ("sparsity") and the number of
    parameters.
    `gap` is by how much the training rows score better than the validation rows, in units of the objective.
    """

    by: Literal["epochs", "early_stopping", "cancelled"]
    epoch: int
    reason: str
    best_epoch: int
    value: float
    value_last: float
    metrics: Mapping[str, float]
    gap: float
    weights: Weights


@dataclass(frozen=True)
class Diverged:
    """A fit of which a loss, or the objective, is not finite in the epoch named."""

    epoch: int
    reason: str


@dataclass(frozen=True)
class EndOfFit:
    """How a fit ended; its lane is free again."""

    key: str
    outcome: Finished | Diverged


@dataclass(frozen=True)
class TickOfLanes:
    """One epoch of all busy lanes: their reports, and the fits that ended with it (reported too, unless diverged)."""

    epochs: tuple[EpochOfLane, ...]
    ended: tuple[EndOfFit, ...]
