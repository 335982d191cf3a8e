"""How fits end: which lanes end with this epoch, and what each fit is worth by the weights of its best epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from regcore.lanes import stacking
from regcore.lanes.evaluation import Evaluated
from regcore.lanes.fused import FusedProgram
from regcore.lanes.program import Diverged, Finished, Fit, Program, Weights
from regcore.lanes.record import Record, curves
from regcore.lanes.settings import LaneSettings, knob_values
from regcore.regularizers import find
from regcore.sites import StoppingRule


@dataclass(frozen=True, slots=True)
class Ending:
    """A lane that ends, by whom and why."""

    place: int
    by: Literal["epochs", "early_stopping", "cancelled"]
    reason: str


def endings(program: Program, training: Mapping[int, Record]) -> list[Ending]:
    """The lanes that end with the epoch just noted: out of epochs, or stopped by a rule of their own."""
    ending = {place: end for kind in program.kinds for place, end in stopped(kind, training).items()}
    for place, record in training.items():
        if record.epoch >= record.fit.epochs:
            ending[place] = Ending(place, "epochs", f"all {record.fit.epochs} epochs trained")
    return [ending[place] for place in sorted(ending)]


def stopped(kind: str, training: Mapping[int, Record]) -> dict[int, Ending]:
    """The lanes that a kind ends with the epoch just noted; none where it is no stopping rule."""
    rule = find(kind)
    watched = {place: record for place, record in training.items() if record.fit.uses(kind)}
    if not issubclass(rule, StoppingRule) or not watched:
        return {}
    places, records = list(watched), list(watched.values())
    values = knob_values(kind, rule.hyperparameters, [record.fit for record in records])
    ended = {}
    for at in np.flatnonzero(rule.stops(values, curves(records))):
        reason = rule.reason({name: column[at] for name, column in values.items()})
        ended[places[at]] = Ending(places[at], "early_stopping", reason)
    return ended


def finished(
    program: Program,
    fused: FusedProgram,
    best: Evaluated,
    settings: LaneSettings,
    ending: Sequence[tuple[Ending, Record]],
) -> list[Finished]:
    """What the ending fits are worth; `best` holds the weights of their best epochs, in the same order."""
    evaluation = fused.evaluation
    measured = evaluation.measure(best, settings, fused.validation_rows, evaluation.all_metrics).metrics
    on_train = evaluation.measure(best, settings, fused.train_rows, [program.objective]).metrics[program.objective]
    # To the host at once: reading number by number would wait for a device each time.
    sparsity, best = stacking.moved((fused.sparsity(best, settings), best), torch.device("cpu"))
    sign = 1.0 if program.direction == "maximize" else -1.0
    outcomes = []
    for at, (end, record) in enumerate(ending):
        trained = float(on_train[at])
        outcomes.append(
            Finished(
                by=end.by,
                epoch=record.epoch,
                reason=end.reason,
                best_epoch=record.best_epoch,
                value=record.value,
                value_last=record.objectives[-1],
                metrics={
                    **{name: float(column[at]) for name, column in measured.items()},
                    f"train_{program.objective}": trained,
                    "sparsity": float(sparsity[at]),
                    "parameters": float(_used_parameters(program, record.fit, best)),
                },
                gap=sign * (trained - float(measured[program.objective][at])),
                weights=_kept(best, at),
            )
        )
    return outcomes


def _used_parameters(program: Program, fit: Fit, best: Evaluated) -> int:
    """How many parameters the fit's network has, without those of the program's kinds that the fit does not use."""
    unused = {kind for kind in program.kinds if not fit.uses(kind)}
    # A kind's own parameters are named `<site>.<kind>.<name>`.
    return sum(value[0].numel() for name, value in best.parameters.items() if name.split(".")[-2] not in unused)


def _kept(best: Evaluated, place: int) -> Weights:
    own = stacking.take(best, torch.tensor(place))
    parameters: Mapping[str, Tensor] = own.parameters
    return Weights(parameters, own.state)


def divergence(record: Record, train_loss: float, validation_loss: float, objective: float) -> Diverged | None:
    """The outcome of a fit in whose next epoch one of the three is not finite; None where all are."""
    epoch = record.epoch + 1
    if not np.isfinite(train_loss):
        return Diverged(epoch, f"the training loss stopped being finite in epoch {epoch}")
    if not np.isfinite(validation_loss):
        return Diverged(epoch, f"the validation loss stopped being finite in epoch {epoch}")
    if not np.isfinite(objective):
        return Diverged(epoch, f"the objective is not finite in epoch {epoch}")
    return None
