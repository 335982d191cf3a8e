"""Activation noise: the activations of one row, before and after a draw."""

from __future__ import annotations

from regcore.drawing import Box, Drawing, Plot
from regcore.pictures.examples import digits, key, normals
from regcore.pictures.tiles import shades
from regcore.sites import ActivationNoise, Site

PLAIN = "as computed"
_ROWS, _UNITS = 8, 24
_HIDDEN = 2
_SEEN = 0.25


def draw(drawing: Drawing, rule: ActivationNoise) -> str:
    """Bars of a row of a table, or the channels of an image where the noise is for images alone."""
    return _units(drawing, rule) if "table" in rule.inputs else _channels(drawing, rule)


def _units(drawing: Drawing, rule: ActivationNoise) -> str:
    at_inputs = rule.where != "hidden"
    site = Site("inputs" if at_inputs else "hidden.0", (_UNITS,), count=1, hidden=_HIDDEN)
    before = normals("activation", _ROWS, _UNITS)
    draws = [rule.apply(before, key(f"noise {number}"), site)[0] for number in range(16)]
    after = next((values for values in draws if (values - before[0]).abs().max() > _SEEN), draws[0])
    plot = Plot(drawing, Box(36, 40, 428, 120), (0, _UNITS), (-3, 3))
    plot.axes("a feature each" if at_inputs else "a unit each", "activation")
    plot.bars(before[0].tolist(), after.tolist())
    return (
        f"{_UNITS} {'features' if at_inputs else 'hidden units'} of one row, before and after a draw that changes it."
    )


def _channels(drawing: Drawing, rule: ActivationNoise) -> str:
    before = digits().inputs[:4, 0][None]
    after = rule.apply(before, key("noise of channels"), Site("block.0", tuple(before.shape[1:]), count=1))
    for channel in range(4):
        left = 20 + 115 * channel
        shades(drawing, before[0, channel], (left, 40), 8, "plain")
        shades(drawing, after[0, channel], (left, 112), 8, "kind")
    drawing.moved = 100 * float((after - before).abs().max())
    return "Four channels of a hidden image, before (above) and after a draw (below)."
