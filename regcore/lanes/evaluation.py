"""Evaluating lanes on the same rows: their logits, what the rows add up to, and the metrics that follow."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from regcore.lanes import stacking
from regcore.lanes.engines import Eager, Engine
from regcore.lanes.kinds import Kinds, Known, Masked, kinds_of_lane
from regcore.lanes.metrics import (
    CLASSIFICATION,
    IN_UNITS_OF_THE_TARGET,
    RANKING,
    REGRESSION,
    Numbers,
    Sums,
    Tally,
    loss,
    tally_of_classes,
    tally_of_errors,
)
from regcore.lanes.network import LaneNetwork, Layout
from regcore.lanes.program import Program
from regcore.lanes.settings import LaneSettings
from regcore.regularizers import find
from regcore.sites import Parameters, Reparametrization, State, WeightAverage

ROWS_AT_ONCE = 1024
"""Rows of one pass of evaluation: constant, because a row's result may depend on how many it shares a product with."""

_RANKED_BYTES = 8 * 2**20


def lanes_at_once(rows: int, outputs: int) -> int:
    """How many lanes are ranked at once, whose logits on so many rows that takes several times over."""
    return max(1, _RANKED_BYTES // (4 * rows * outputs))


class Evaluated(NamedTuple):
    """What evaluation needs of a lane: parameters, state, and averages of the two by kind."""

    parameters: Parameters
    state: State
    averages: dict[str, State]


@dataclass(frozen=True)
class Rows:
    """Rows to evaluate on: inputs `[N, …]`, targets `[N, C]`, and the scale of a regression's target."""

    inputs: Tensor
    targets: Tensor
    target_scale: float = 1.0


@dataclass(frozen=True)
class Measured:
    """What K lanes are worth on some rows: their data losses `[K]`, and metrics `[K]` by name."""

    losses: Numbers
    metrics: Mapping[str, Numbers]


class Evaluation:
    """Evaluates all lanes of a program."""

    def __init__(self, program: Program, layout: Layout, engine: Engine, known: Known) -> None:
        self.program = program
        self.layout = layout
        self._known = known
        regression = program.task == "regression"
        self._tally = tally_of_errors if regression else tally_of_classes
        self._of_sums = REGRESSION if regression else CLASSIFICATION
        self._evaluated = engine.over_lanes(self._of_lane, own=3)
        self.of_epoch = frozenset((*self._of_sums, program.objective))
        """The metrics that cost next to nothing, and the objective."""
        self.all_metrics = self.of_epoch if regression else self.of_epoch | RANKING.keys()

    def measure(self, lanes: Evaluated, settings: LaneSettings, rows: Rows, wanted: Collection[str]) -> Measured:
        """The data losses, without any term or rule of training, and the metrics wanted, in evaluation mode.

        Errors of a regression are in the target's own units, its losses in units of the standardized target.
        """
        ranking = [name for name in RANKING if name in wanted]
        tallies: list[Tally] = []
        logits: list[Tensor] = []
        for tally, outputs in self.chunks(lanes, settings, rows):
            tallies.append(tally)
            if ranking:
                logits.append(outputs)
        sums = _added_up(tallies)
        metrics = {
            name: self._in_units(name, rows) * self._of_sums[name](sums) for name in self._of_sums if name in wanted
        }
        for name in ranking:
            few = torch.split(torch.cat(logits, dim=1), lanes_at_once(len(rows.targets), self.program.outputs))
            metrics[name] = stacking.on_host(torch.cat([RANKING[name](some, rows.targets) for some in few]))
        return Measured(loss(sums), metrics)

    def chunks(self, lanes: Evaluated, settings: LaneSettings, rows: Rows) -> Iterator[tuple[Tally, Tensor]]:
        """Of a chunk of rows after the other what they add up to, and the logits `[K, N, C]` of K lanes on them."""
        chunks = (torch.split(tensor, ROWS_AT_ONCE) for tensor in (rows.inputs, rows.targets))
        for inputs, targets in zip(*chunks, strict=True):
            yield self._evaluated(lanes, settings.values, settings.masks, inputs, targets)

    def weights(self, lanes: Evaluated, settings: LaneSettings, rows: Rows) -> Parameters:
        """The penalized weights as layers use them, `[K, out, in, …]` each; rows are read for their shape alone."""
        if not any(issubclass(find(kind), Reparametrization) for kind in self.program.kinds):
            return {name: lanes.parameters[name] for name in self.layout.weights}
        # Eager whatever the engine: it is asked once a fit, which a graph of its own would not pay for.
        used: Parameters = Eager().over_lanes(self._weights_of_lane, own=3)(
            lanes, settings.values, settings.masks, rows.inputs[:1]
        )
        return used

    def _in_units(self, name: str, rows: Rows) -> float:
        return rows.target_scale if name in IN_UNITS_OF_THE_TARGET else 1.0

    def _of_lane(
        self,
        lane: Evaluated,
        values: dict[str, Tensor],
        masks: dict[str, Tensor | None],
        inputs: Tensor,
        targets: Tensor,
    ) -> tuple[Tally, Tensor]:
        """What the rows add up to, and their logits `[N, C]`."""
        kinds = self._kinds(values, masks)
        logits = self.logits(lane, kinds, inputs)
        return self._tally(logits, targets), logits

    def logits(self, lane: Evaluated, kinds: Kinds, inputs: Tensor) -> Tensor:
        """The logits `[N, C]` of one lane on rows, in evaluation mode and with its averages."""
        logits = self._forward(lane.parameters, lane.state, kinds, inputs)
        averages = [(average, self._of_average(average, lane, kinds, inputs)) for average in kinds.of(WeightAverage)]
        if averages:
            logits = self._combined(averages, logits)
        return logits

    def _weights_of_lane(
        self, lane: Evaluated, values: dict[str, Tensor], masks: dict[str, Tensor | None], inputs: Tensor
    ) -> Parameters:
        network = self._network(lane.parameters, lane.state, self._kinds(values, masks))
        self.program.architecture.forward(network, inputs, self.program.outputs)
        return {name: network.weights.get(name, lane.parameters[name]) for name in self.layout.weights}

    def _kinds(self, values: dict[str, Tensor], masks: dict[str, Tensor | None]) -> Kinds:
        return kinds_of_lane(self.program.kinds, {**self.program.fixed, **values}, masks, self._known)

    def _of_average(self, average: Masked[WeightAverage], lane: Evaluated, kinds: Kinds, inputs: Tensor) -> Tensor:
        """The logits `[N, C]` of an average's members together."""
        everything = {**lane.parameters, **lane.state}
        members = average.rule.members(everything, lane.averages[average.kind])
        outputs = []
        for member in members:
            parameters = {name: member[name] for name in lane.parameters}
            state = {name: member[name] for name in lane.state}
            outputs.append(self._forward(parameters, state, kinds, inputs))
        return outputs[0] if len(outputs) == 1 else self._mean_prediction(torch.stack(outputs))

    def _combined(self, averages: Sequence[tuple[Masked[WeightAverage], Tensor]], plain: Tensor) -> Tensor:
        """The logits of the averages that the lane uses, `plain` where it uses none, to the bit where it uses one."""
        one, several, used = plain, torch.zeros_like(plain), plain.new_zeros(())
        for average, logits in averages:
            one = average.choose(logits, one)
            prediction = logits if self.program.task == "regression" else logits.softmax(-1)
            several = several + average.choose(prediction, torch.zeros_like(prediction))
            used = used + average.choose(torch.ones_like(used), torch.zeros_like(used))
        if len(averages) == 1:
            return one
        mean = several / used.clamp(min=1)
        return torch.where(used > 1, mean if self.program.task == "regression" else torch.log(mean), one)

    def _mean_prediction(self, outputs: Tensor) -> Tensor:
        """Logits of the mean prediction of the members `[members, N, C]`."""
        return outputs.mean(0) if self.program.task == "regression" else torch.log(outputs.softmax(-1).mean(0))

    def _forward(self, parameters: Parameters, state: State, kinds: Kinds, rows: Tensor) -> Tensor:
        network = self._network(parameters, state, kinds)
        return self.program.architecture.forward(network, rows, self.program.outputs)

    def _network(self, parameters: Parameters, state: State, kinds: Kinds) -> LaneNetwork:
        return LaneNetwork(kinds, parameters, state, self.layout, keys=None)


def _added_up(tallies: Sequence[Tally]) -> Sums:
    """The sums over all chunks of rows, on the host and in double precision."""
    return {name: stacking.on_host(torch.stack([tally[name] for tally in tallies])).sum(0) for name in tallies[0]}
