"""Weight rules: what training makes of weights with the rule, and without it."""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.drawing import Box, Drawing, Plot
from regcore.pictures.examples import normals
from regcore.sites import Update, WeightRule

PLAIN = "without it"
_ROWS, _COLUMNS, _STEPS = 8, 8, 80
_RATE = 0.1


def draw(drawing: Drawing, rule: WeightRule) -> str:
    """Each weight with the rule against the same weight without it, and the way of one of them."""
    goal = 2 * normals("goal", _ROWS, _COLUMNS)
    plain, kind = _trained(goal, None), _trained(goal, rule)
    cross = Plot(drawing, Box(30, 46, 150, 114), (-5, 5), (-5, 5))
    cross.axes("weight without it", "weight with it")
    cross.curve([-5, 5], [-5, 5], "plain")
    for before, after in zip(plain[-1].flatten().tolist(), kind[-1].flatten().tolist(), strict=True):
        drawing.dot(cross.place(before, after), "kind", 2)
    cross.compare(plain[-1].flatten().tolist(), kind[-1].flatten().tolist())
    way = Plot(drawing, Box(230, 46, 234, 114), (0, _STEPS), (-0.5, 1.6))
    way.axes("steps", "the largest weight's way")
    place = int(goal.abs().argmax())
    reached = float(goal.flatten()[place])
    one, other = ([float(weight.flatten()[place]) / reached for weight in weights] for weights in (plain, kind))
    way.curves([float(step) for step in range(_STEPS + 1)], one, other)
    return (
        f"{_ROWS * _COLUMNS} weights after {_STEPS} noisy steps of gradient descent towards their goals, a dot for "
        "each; and how far one of them is on its way."
    )


def _trained(goal: Tensor, rule: WeightRule | None) -> list[Tensor]:
    """The weights at the start and after every step."""
    weights = {"hidden.0.weight": torch.zeros_like(goal)}
    rate, state = torch.tensor(_RATE), {} if rule is None else rule.state(weights)
    way = [weights["hidden.0.weight"]]
    for step in range(_STEPS):
        before = weights
        gradient = before["hidden.0.weight"] - goal + 3 * normals(f"noise {step}", _ROWS, _COLUMNS)
        weights = {"hidden.0.weight": before["hidden.0.weight"] - rate * gradient}
        if rule is not None:
            update = Update(before, rate, torch.tensor(step), state)
            weights = rule.apply(weights, update)
            state = rule.remember(weights, update)
        way.append(weights["hidden.0.weight"])
    return way
