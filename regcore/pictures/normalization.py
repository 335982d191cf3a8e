"""Normalizations: how features are spread over a batch, before and after."""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.drawing import Box, Drawing, Plot
from regcore.drawing.svg import Role
from regcore.pictures.examples import normals
from regcore.sites import Normalization, Site

PLAIN = "what the layer gives"
_ROWS, _FEATURES = 64, 16
_QUANTILES = torch.tensor([0.1, 0.5, 0.9])


def draw(drawing: Drawing, rule: Normalization) -> str:
    """For each feature where the middle four fifths of a batch lie."""
    site = Site("hidden.0", (_FEATURES,))
    deviations, means = 0.3 + 0.4 * normals("deviations", _FEATURES).abs(), 1.2 * normals("means", _FEATURES)
    before = means + deviations * normals("rows", _ROWS, _FEATURES)
    after, _ = rule.train(before, rule.parameters(site), rule.state(site))
    plot = Plot(drawing, Box(36, 40, 428, 120), (0, _FEATURES), (-3.5, 3.5))
    plot.axes("a feature each", "activation")
    spreads = [_spread(plot, values, offset, role) for values, offset, role in _sides(before, after)]
    plot.compare(*spreads)
    return (
        f"{_FEATURES} features of {_ROWS} rows: a line from the lowest tenth to the highest, and a dot at the median."
    )


def _sides(before: Tensor, after: Tensor) -> tuple[tuple[Tensor, float, Role], tuple[Tensor, float, Role]]:
    return (before, 0.35, "plain"), (after, 0.65, "kind")


def _spread(plot: Plot, values: Tensor, offset: float, role: Role) -> list[float]:
    low, median, high = values.detach().quantile(_QUANTILES, 0).tolist()
    for feature in range(_FEATURES):
        plot.curve([feature + offset] * 2, [low[feature], high[feature]], role)
        plot.drawing.dot(plot.place(feature + offset, median[feature]), role)
    return [*low, *median, *high]
