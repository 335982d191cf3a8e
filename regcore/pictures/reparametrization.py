"""Reparametrizations: the weight that is learned, and the weight that the layer uses."""

from __future__ import annotations

import torch

from regcore.drawing import Drawing
from regcore.pictures.examples import key, normals
from regcore.pictures.tiles import sizes
from regcore.sites import Reparametrization, Site

PLAIN = "the weight learned"
_ROWS, _COLUMNS, _SIDE = 7, 12, 16


def draw(drawing: Drawing, rule: Reparametrization) -> str:
    """A weight whose rows have grown apart since the start, as learned and as used in training."""
    start = 0.35 * normals("weight", _ROWS, _COLUMNS)
    weight = start * torch.linspace(0.4, 1.6, _ROWS)[:, None]
    site = Site("hidden.0", (_ROWS, _COLUMNS))
    own, state = rule.parameters(site, start), rule.state(site, start, key("state"))
    used, _ = rule.train(weight, own, state, key("reparametrization"))
    for place, (values, words) in enumerate(((weight, "learned"), (used, "used in a step"))):
        corner = (20 + 240 * place, 40)
        sizes(drawing, values, corner, _SIDE, "kind" if place else "plain")
        drawing.text((corner[0] + _COLUMNS * _SIDE / 2, 170), words, "faint", "middle")
    drawing.moved = _SIDE * float((used - weight).abs().max())
    return (
        "A layer's weight, a row for each unit, whose rows have been scaled by 0.4 to 1.6 since the start; the larger "
        "a square, the larger the weight, and pale ones are negative."
    )
