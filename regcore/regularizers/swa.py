"""Stochastic weight averaging: evaluation uses the plain mean of the weights of the last part of the training.

From the share `start` of a fit's steps on, the weights after every `every` steps go into the mean, m ← m + (w − m) / n
for the nth of them; until then evaluation uses the weights themselves. It averages all parameters and the running
statistics of normalizations with them; training goes on from w, undisturbed. The paper averages once an epoch, which is
⌊rows / batch size⌋ steps, at a learning rate that stays high: the schedule `constant` does that.
Source: Izmailov, Podoprikhin, Garipov, Vetrov and Wilson (2018), arXiv:1803.05407; they pass over the training rows
once more for the running statistics.
Parity: torch.optim.swa_utils.AveragedModel, buffers included.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import integer, real
from regcore.regularizers.ema import followed
from regcore.sites import Parameters, State, WeightAverage


class Swa(WeightAverage):
    overlaps = ("ema",)

    start: Tensor = real(
        0.0,
        1.0,
        default=0.75,
        off=1.0,
        search=(0.5, 0.9),
        doc="The share of the training after which averaging begins; at 1 it never does.",
    )
    every: Tensor = integer(1, 100_000, default=1, log=True, doc="How many steps lie between the weights averaged.")

    def state(self, parameters: Parameters) -> State:
        return {**{_mean_of(name): value for name, value in parameters.items()}, "count": torch.zeros(())}

    def update(self, parameters: Parameters, state: State, step: Tensor, steps: Tensor) -> State:
        since = step - torch.ceil(self.start * steps)
        counts = (since >= 0) & (since % self.every == 0)
        count = state["count"] + counts
        means = {}
        for name, value in parameters.items():
            mean = state[_mean_of(name)]
            means[_mean_of(name)] = torch.where(counts, followed(mean, value, 1 / count.clamp(min=1)), mean)
        return {**means, "count": count}

    def members(self, parameters: Parameters, state: State) -> tuple[Parameters, ...]:
        begun = state["count"] > 0
        return ({name: torch.where(begun, state[_mean_of(name)], value) for name, value in parameters.items()},)


def _mean_of(name: str) -> str:
    return f"mean/{name}"
