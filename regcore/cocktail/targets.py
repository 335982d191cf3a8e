"""Targets as the sites know them: soft ones of a classification, and rows of numbers of a regression."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from regcore.cocktail.errors import UnsuitedModel

Task = Literal["classification", "regression"]


def soft_targets(targets: Tensor, task: Task, outputs: int) -> Tensor:
    """Targets `[B, outputs]` of class indices `[B]`, of soft targets `[B, classes]`, or of numbers `[B]` or `[B, D]`.

    Raises:
        UnsuitedModel: they are of another shape or type than the task and the model's outputs ask for.
    """
    got = f"{targets.dtype} {tuple(targets.shape)}"
    if task == "classification" and targets.dim() == 1 and not targets.is_floating_point():
        return torch.nn.functional.one_hot(targets.long(), outputs).to(torch.get_default_dtype())
    if task == "regression" and targets.dim() == 1:
        targets = targets[:, None]
    if targets.dim() != 2 or targets.shape[1] != outputs or not targets.is_floating_point():
        wanted = "class indices [B] or soft targets" if task == "classification" else "floating numbers"
        raise UnsuitedModel("targets", got, f"{wanted} for {outputs} outputs")
    return targets
