"""Snapshot ensemble: keeps the weights of the ends of learning-rate cycles, and evaluation averages their predictions.

A fit's steps are cut into `cycles` cycles, each `growth` times as long as the one before; at the end of each the
weights are kept, running statistics with them, and the last `snapshots` of these predict together by the mean of their
probabilities (of their outputs in a regression). As long as there are fewer, the present weights stand in for those
that are missing. The schedule `cosine_restarts` with the same cycles and growth ends its cycles at the same steps; 3
cycles of growth 2 over 105 epochs are of 15, 30 and 60. Evaluation costs as many passes as there are snapshots. Early
stopping with a patience shorter than a cycle may end a fit within one.
Source: Huang, Li, Pleiss, Liu, Hopcroft and Weinberger (2017), arXiv:1704.00109.
Parity: none; the tests average the predictions of plain fits of each length.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import integer, real
from regcore.schedules.cosine_restarts import MOST_CYCLES, ends_of_cycles, over_at
from regcore.sites import Parameters, State, WeightAverage


class SnapshotEnsemble(WeightAverage):
    gate_per = "program"

    cycles: Tensor = integer(1, MOST_CYCLES, default=3, doc="How many cycles the training has.")
    growth: Tensor = real(1.0, 4.0, default=2.0, doc="By what factor each cycle is longer than the one before.")
    snapshots: int = integer(1, 10, default=3, per="program", doc="How many of the last snapshots predict together.")

    def state(self, parameters: Parameters) -> State:
        kept = {_kept(place, name): value for place in range(self.snapshots) for name, value in parameters.items()}
        return {**kept, "taken": torch.zeros(())}

    def update(self, parameters: Parameters, state: State, step: Tensor, steps: Tensor) -> State:
        ends = self._ends_with(step, steps)
        kept = {}
        for name, value in parameters.items():
            for place in range(self.snapshots):
                newer = value if place + 1 == self.snapshots else state[_kept(place + 1, name)]
                kept[_kept(place, name)] = torch.where(ends, newer, state[_kept(place, name)])
        return {**kept, "taken": state["taken"] + ends}

    def members(self, parameters: Parameters, state: State) -> tuple[Parameters, ...]:
        return tuple(
            {
                name: torch.where(state["taken"] >= self.snapshots - place, state[_kept(place, name)], value)
                for name, value in parameters.items()
            }
            for place in range(self.snapshots)
        )

    def _ends_with(self, step: Tensor, steps: Tensor) -> Tensor:
        """Whether this step is the last of a cycle."""
        ends = ends_of_cycles(self.cycles, self.growth)
        before, after = (over_at(share / steps, ends) for share in (step, step + 1))
        return (after & ~before).any()


def _kept(place: int, name: str) -> str:
    """The name of a tensor of one snapshot; the last place is the newest."""
    return f"{place}/{name}"
