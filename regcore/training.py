"""What a training consists of besides its network and regularizers: length, batches, optimizer and schedule."""

from __future__ import annotations

from torch import Tensor

from regcore.hyper import Declared, integer, real
from regcore.sites import Parameters

Moments = dict[str, Parameters]
"""What an optimizer remembers of one fit: named sets of tensors shaped like the parameters."""


class Training(Declared):
    """How long a fit trains and on how many rows at a time."""

    epochs: int = integer(
        1, 10_000, default=50, doc="Passes over the training rows at most; early stopping ends a fit sooner."
    )
    batch_size: int = integer(
        1,
        65_536,
        default=128,
        per="program",
        doc="Rows a step; an epoch is ⌊rows / batch size⌋ full batches, at least one.",
    )


class Optimizer(Declared):
    """Turns the gradients of one fit into its next parameters."""

    learning_rate: Tensor = real(1e-6, 10.0, default=1e-3, log=True, doc="Step size, before the schedule's factor.")

    def start(self, parameters: Parameters) -> Moments:
        """What it remembers before the first step."""
        raise NotImplementedError

    def update(
        self, parameters: Parameters, gradients: Parameters, moments: Moments, step: Tensor, learning_rate: Tensor
    ) -> tuple[Parameters, Moments]:
        """The next parameters and moments; `step` counts from 0, `learning_rate` has the schedule's factor in it."""
        raise NotImplementedError


class Schedule(Declared):
    """Changes the learning rate over a fit."""

    def factor(self, progress: Tensor) -> Tensor:
        """The factor on the learning rate; `progress` is the share in [0, 1) of the fit's steps already taken."""
        raise NotImplementedError
