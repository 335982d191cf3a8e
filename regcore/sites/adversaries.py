"""Adversaries: pass rules that move inputs against the fit, and what of an input they may move."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from regcore.sites.passes import Passes, PassRule
from regcore.sites.words import TrainingRows


class Adversary(PassRule):
    """Trains on inputs that are moved to where the fit does worse.

    In a table the features of a category stay: between 0 and 1 they mean nothing. The others move in units of their
    standard deviation and are not bounded. Pixels move in units of the images as they are stored, full brightness being
    1 where it was 255, and not past the darkest and the brightest of the training images.
    """

    gate_per = "program"

    @classmethod
    def prepare(cls, rows: TrainingRows) -> dict[str, Tensor]:
        if rows.inputs.dim() > 2:
            return {"moves": torch.tensor(True), "lowest": rows.inputs.min(), "highest": rows.inputs.max()}
        moves = torch.tensor(True) if rows.categorical is None else ~rows.categorical
        return {"moves": moves, "lowest": torch.tensor(-math.inf), "highest": torch.tensor(math.inf)}

    def moved(self, inputs: Tensor, by: Tensor) -> Tensor:
        """The inputs moved by so much, where they may be; one that lies out of bounds is not moved further."""
        lowest = torch.minimum(self.known["lowest"], inputs)
        highest = torch.maximum(self.known["highest"], inputs)
        within = torch.minimum(torch.maximum(inputs + by, lowest), highest)
        return torch.where(self.known["moves"], within, inputs)


def uphill(passes: Passes, inputs: Tensor) -> Tensor:
    """The gradient of the batch's loss by the inputs, with the first pass's noise; nothing is derived through it."""

    def loss(inputs: Tensor) -> Tensor:
        return passes.again(inputs, 0).loss

    gradient: Tensor = torch.func.grad(loss)(inputs)
    return gradient.detach()
