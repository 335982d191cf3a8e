"""Branches: with what share a residual block's branch joins, by depth and draw."""

from __future__ import annotations

import torch

from regcore.drawing import Box, Drawing, Plot
from regcore.pictures.examples import key
from regcore.sites import Branch, Site

PLAIN = "the branch itself"
_BLOCKS, _ROWS = 8, 24


def draw(drawing: Drawing, rule: Branch) -> str:
    """The share of a branch of ones; of two branches the second is of zeros."""
    plot = Plot(drawing, Box(36, 40, 428, 120), (0, _BLOCKS), (-1.2, 2.2))
    plot.axes("blocks, the last on the right", "share of the branch")
    plot.curve([0, _BLOCKS], [1, 1], "plain")
    branches = (torch.ones(_ROWS, 1), torch.zeros(_ROWS, 1))[: rule.branches]
    for block in range(_BLOCKS):
        site = Site(f"block.{block}", (1,), block, _BLOCKS)
        shares = rule.train(branches, key(f"branch {block}"), site)[:, 0].tolist()
        for row, share in enumerate(shares):
            drawing.dot(plot.place(block + 0.15 + 0.7 * row / (_ROWS - 1), share), "kind", 2)
        plot.compare([1.0] * _ROWS, shares)
    return f"By what the branch of each of {_BLOCKS} blocks is multiplied in {_ROWS} rows, a dot for each draw."
