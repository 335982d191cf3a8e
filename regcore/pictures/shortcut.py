"""Shortcuts: what a block gives on, against what it is given."""

from __future__ import annotations

import torch

from regcore.drawing import Box, Drawing, Plot
from regcore.sites import Shortcut

PLAIN = "a block by itself"


def draw(drawing: Drawing, rule: Shortcut) -> str:
    """The block h → sin 2h, with the shortcut and without."""
    inputs = torch.linspace(-3, 3, 61)
    branch = torch.sin(2 * inputs)
    plot = Plot(drawing, Box(90, 40, 300, 120), (-3, 3), (-4, 4))
    plot.axes("what the block is given", "what it gives on")
    plot.curves(inputs.tolist(), branch.tolist(), rule.join(inputs, branch).tolist())
    return "A block that computes f(h) = sin 2h, against h."
