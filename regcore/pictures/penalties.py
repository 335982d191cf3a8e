"""Penalties: a term of the loss, and its pull, as what it penalizes is scaled."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from regcore.drawing import Box, Drawing, Plot

_SCALES = torch.arange(-40, 41, dtype=torch.float64) / 20  # exactly 0 in the middle, where slopes may jump


def draw_penalty(drawing: Drawing, penalty: Callable[[Tensor], Tensor], scaled: str) -> None:
    """The penalty of what is scaled by −2 to 2, and its derivative by the scale; each as large as its plot."""
    values = torch.stack([penalty(scale) for scale in _SCALES]).detach()
    pulls = torch.stack([torch.func.grad(penalty)(scale) for scale in _SCALES]).detach()
    for place, (numbers, words) in enumerate(((values, f"penalty, by scale of the {scaled}"), (pulls, "its slope"))):
        largest = float(numbers.abs().max()) or 1.0
        plot = Plot(drawing, Box(30 + 235 * place, 46, 195, 112), (-2, 2), (-1 if place else -0.1, 1))
        plot.axes("", words, (-2, -1, 0, 1, 2))
        plot.curves(_SCALES.tolist(), [0.0] * len(numbers), (numbers / largest).tolist())
