"""Target rules: the target of a row, and the one that it is trained on."""

from __future__ import annotations

import torch

from regcore.drawing import Box, Drawing, Plot
from regcore.pictures.examples import key
from regcore.sites import TargetRule

PLAIN = "the row's target"
_CLASSES = 6


def draw(drawing: Drawing, rule: TargetRule) -> str:
    """Bars of a target of one class, before and after."""
    targets = torch.eye(_CLASSES)[2:3]
    plot = Plot(drawing, Box(36, 44, 428, 116), (0, _CLASSES), (0, 1))
    plot.axes("a class each", "target")
    plot.bars(targets[0].tolist(), rule.targets(targets, key("target_rule"))[0].tolist())
    return f"The target of a row of the third of {_CLASSES} classes, a pair of bars for each class."
