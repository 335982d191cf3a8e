"""Exponential moving average: evaluation uses an average of the weights that follows them slowly.

m ← m + rate · (w − m) after each step, m being w after the first one; `rate` is 1 − d for a decay d. It averages all
parameters and the running statistics of normalizations with them; training goes on from w, undisturbed. The epoch whose
averaged weights have the lowest validation loss is the best one. Texts that give the decay per step mean 1 − rate; an
average reaches back over about 1 / rate steps.
Source: Polyak and Juditsky (1992), doi:10.1137/0330046; Tarvainen and Valpola (2017), arXiv:1703.01780, for the
exponential form.
Parity: torch.optim.swa_utils.AveragedModel with `get_ema_multi_avg_fn`, buffers included.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.sites import Parameters, State, WeightAverage


class Ema(WeightAverage):
    overlaps = ("swa",)

    rate: Tensor = real(
        1e-5,
        1.0,
        default=1e-2,
        log=True,
        off=1.0,
        search=(1e-3, 1e-1),
        doc="1 − d, by how much of the way the average follows at each step; 1 is the weights themselves.",
    )

    def state(self, parameters: Parameters) -> State:
        return dict(parameters)

    def update(self, parameters: Parameters, state: State, step: Tensor, steps: Tensor) -> State:
        rate = torch.where(step == 0, 1.0, self.rate)
        return {name: followed(state[name], value, rate) for name, value in parameters.items()}

    def members(self, parameters: Parameters, state: State) -> tuple[Parameters, ...]:
        return (state,)


def followed(average: Tensor, newest: Tensor, share: Tensor) -> Tensor:
    """The average, the given share of the way further to the newest value, exactly there if that is 1."""
    return newest - (1 - share) * (newest - average)
