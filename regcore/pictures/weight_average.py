"""Weight averages: the way of a weight in training, and the weights that evaluation uses."""

from __future__ import annotations

import torch

from regcore.drawing import Box, Drawing, Plot
from regcore.pictures.examples import normals
from regcore.sites import WeightAverage

PLAIN = "a weight in training"
_STEPS = 140


def draw(drawing: Drawing, rule: WeightAverage) -> str:
    """A noisy way, and what is evaluated after each step; of several sets of weights each."""
    noise = normals("way", _STEPS).tolist()
    weight, way, members = -1.0, [], []
    state = rule.state({"weight": torch.tensor(weight)})
    for step in range(_STEPS):
        weight += 0.05 * (1 - weight) + 0.12 * noise[step]
        parameters = {"weight": torch.tensor(weight)}
        state = rule.update(parameters, state, torch.tensor(step), torch.tensor(_STEPS))
        way.append(weight)
        members.append([float(member["weight"]) for member in rule.members(parameters, state)])
    plot = Plot(drawing, Box(36, 40, 428, 120), (0, _STEPS), (-1.5, 2))
    plot.axes("steps", "weight")
    steps = [float(step + 1) for step in range(_STEPS)]
    plot.curve(steps, way, "plain")
    for member in zip(*members, strict=True):
        plot.curve(steps, member, "kind")
        plot.compare(way, member)
    return f"A weight over {_STEPS} noisy steps, and what evaluation would use after each of them."
