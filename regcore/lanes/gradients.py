"""The gradient of one lane's objective, by the cheapest means that the engine allows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor

from regcore.lanes.ops import runs_by_itself
from regcore.sites import Parameters

Beside = TypeVar("Beside")
Objective = Callable[[Parameters], tuple[Tensor, Beside]]
Gradient = Callable[[Parameters], tuple[Parameters, Beside]]


def gradient_of(objective: Objective[Beside]) -> Gradient[Beside]:
    """The objective's gradient, and what the objective gives beside its loss, which must be detached.

    Mapped lanes and graphs need `torch.func.grad`, which records the backward pass too, so that it may be derived
    once more. A lane that runs by itself is spared that: a quarter of a small convolutional network's step.
    """
    mapped: Gradient[Beside] = torch.func.grad(objective, has_aux=True)

    def gradient(parameters: Parameters) -> tuple[Parameters, Beside]:
        if not runs_by_itself(next(iter(parameters.values()))):
            return mapped(parameters)
        with torch.enable_grad():
            own = {name: value.detach().requires_grad_() for name, value in parameters.items()}
            loss, beside = objective(own)
            gradients = torch.autograd.grad(loss, list(own.values()), materialize_grads=True)
        return dict(zip(own, gradients, strict=True)), beside

    return gradient
