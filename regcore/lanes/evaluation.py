"""Evaluating lanes: logits of all lanes on the same rows, and the losses and metrics that follow from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from regcore.lanes.engines import Engine
from regcore.lanes.kinds import Kinds, kinds_of_lane
from regcore.lanes.metrics import CLASSIFICATION, RANKING, REGRESSION, Metric
from regcore.lanes.network import LaneNetwork, Layout
from regcore.lanes.ops import soft_cross_entropy, squared_error
from regcore.lanes.program import Program
from regcore.lanes.settings import LaneSettings
from regcore.sites import Parameters, State, WeightAverage

ROWS_AT_ONCE = 1024
"""Rows of one pass of evaluation: constant, because a row's result may depend on how many it shares a product with."""

_SCORED_BYTES = 8 * 2**20


def lanes_at_once(rows: int, outputs: int) -> int:
    """How many lanes are scored at once, whose logits on so many rows metrics hold several times over."""
    return max(1, _SCORED_BYTES // (4 * rows * outputs))


class Evaluated(NamedTuple):
    """What evaluation needs of a lane: parameters, state, and averages of the parameters by kind."""

    parameters: Parameters
    state: State
    averages: dict[str, State]


@dataclass(frozen=True)
class Rows:
    """Rows to evaluate on: inputs `[N, …]`, targets `[N, C]`, and the scale of a regression's target."""

    inputs: Tensor
    targets: Tensor
    target_scale: float = 1.0


class Evaluation:
    """Evaluates all lanes of a program."""

    def __init__(self, program: Program, layout: Layout, engine: Engine) -> None:
        self.program = program
        self.layout = layout
        self._of_task = REGRESSION if program.task == "regression" else CLASSIFICATION
        self._logits = engine.over_lanes(self._of_lane, own=3)

    def logits(self, lanes: Evaluated, settings: LaneSettings, inputs: Tensor) -> Tensor:
        """The logits of K lanes `[K, N, C]` on rows `[N, …]`, in evaluation mode."""
        parts = [
            self._logits(lanes, settings.values, settings.masks, rows) for rows in torch.split(inputs, ROWS_AT_ONCE)
        ]
        return torch.cat(parts, dim=1)

    def losses(self, logits: Tensor, rows: Rows) -> Tensor:
        """The data losses `[K]`, without any term or rule of training."""
        of_rows = squared_error if self.program.task == "regression" else soft_cross_entropy
        return torch.cat([of_rows(some, rows.targets).mean(-1) for some in _few_at_once(logits)])

    def metrics(self, lanes: Evaluated, settings: LaneSettings, rows: Rows) -> Mapping[str, Tensor]:
        """Every metric of the task on the rows, `[K]` each, regressions in the target's own units."""
        return self._metrics(self.logits(lanes, settings, rows.inputs), rows, self._of_task)

    def objective(self, lanes: Evaluated, settings: LaneSettings, rows: Rows) -> Tensor:
        """The objective on the rows, `[K]`."""
        name = self.program.objective
        return self._metrics(self.logits(lanes, settings, rows.inputs), rows, {name: self._of_task[name]})[name]

    def metrics_of_epoch(self, logits: Tensor, rows: Rows) -> Mapping[str, Tensor]:
        """The objective and the metrics that cost next to nothing: all but those that rank, `[K]` each."""
        wanted = {
            name: metric
            for name, metric in self._of_task.items()
            if name not in RANKING or name == self.program.objective
        }
        return self._metrics(logits, rows, wanted)

    def _metrics(self, logits: Tensor, rows: Rows, wanted: Mapping[str, Metric]) -> Mapping[str, Tensor]:
        columns = [self._metrics_of_few(some, rows, wanted) for some in _few_at_once(logits)]
        return {name: torch.cat([column[name] for column in columns]) for name in wanted}

    def _metrics_of_few(self, logits: Tensor, rows: Rows, wanted: Mapping[str, Metric]) -> dict[str, Tensor]:
        targets = rows.targets
        if self.program.task == "regression":
            # The mean is left out: no metric depends on it, and beside a large one differences would be lost.
            logits, targets = (tensor.double() * rows.target_scale for tensor in (logits, targets))
        return {name: metric(logits, targets) for name, metric in wanted.items()}

    def _of_lane(
        self, lane: Evaluated, values: dict[str, Tensor], masks: dict[str, Tensor | None], rows: Tensor
    ) -> Tensor:
        kinds = kinds_of_lane(self.program.kinds, {**self.program.fixed, **values}, masks)
        logits = self._forward(lane.parameters, lane.state, kinds, rows)
        for average in kinds.of(WeightAverage):
            members = average.rule.members(lane.parameters, lane.averages[average.kind])
            outputs = torch.stack([self._forward(member, lane.state, kinds, rows) for member in members])
            logits = average.choose(self._averaged(outputs), logits)
        return logits

    def _averaged(self, outputs: Tensor) -> Tensor:
        """Logits of the mean prediction of the members `[members, N, C]`."""
        if len(outputs) == 1 or self.program.task == "regression":
            return outputs.mean(0)
        return torch.log(outputs.softmax(-1).mean(0))

    def _forward(self, parameters: Parameters, state: State, kinds: Kinds, rows: Tensor) -> Tensor:
        network = LaneNetwork(kinds, parameters, state, self.layout, keys=None)
        return self.program.architecture.forward(network, rows, self.program.outputs)


def _few_at_once(logits: Tensor) -> tuple[Tensor, ...]:
    """The logits `[K, N, C]` of a few lanes after the other."""
    return torch.split(logits, lanes_at_once(*logits.shape[1:]))
