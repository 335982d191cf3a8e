"""Gradient rules: a gradient, and the one that the optimizer gets."""

from __future__ import annotations

import torch

from regcore.drawing import Box, Drawing, Plot
from regcore.pictures.examples import key, normals
from regcore.sites import GradientRule

PLAIN = "as derived"
_UNITS, _WEIGHTS = 4, 5


def draw(drawing: Drawing, rule: GradientRule) -> str:
    """Bars of the gradient of a weight, a group for each unit."""
    gradient = normals("gradient", _UNITS, _WEIGHTS) + 0.5
    weight = normals("weight of a gradient", _UNITS, _WEIGHTS)
    changed = rule.gradients({"weight": gradient}, {"weight": weight}, torch.tensor(0), key("gradient_rule"))["weight"]
    plot = Plot(drawing, Box(36, 40, 428, 120), (0, 1), (-2.5, 2.5))
    plot.axes("the weights of one unit after another", "gradient")
    plot.bars(gradient.flatten().tolist(), changed.flatten().tolist(), gap_after=_WEIGHTS)
    return f"The first step's gradient of {_UNITS} units with {_WEIGHTS} weights each, a pair of bars for each weight."
