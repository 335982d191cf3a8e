"""Tiles: matrices and images drawn as squares, the darker the larger the number."""

from __future__ import annotations

from torch import Tensor

from regcore.drawing import Drawing
from regcore.drawing.svg import Point, Role


def shades(drawing: Drawing, values: Tensor, corner: Point, side: float, role: Role) -> None:
    """A matrix `[H, W]` of numbers between 0 and 1 as squares of that side; others are drawn as the nearer end."""
    drawing.tiles(corner, side, values.clamp(0, 1).tolist(), role)


def sizes(drawing: Drawing, values: Tensor, corner: Point, side: float, role: Role) -> None:
    """A matrix `[H, W]` as squares whose sides grow with the numbers' size up to 1; negative ones are hollow."""
    left, top = corner
    for row, numbers in enumerate(values.tolist()):
        for column, number in enumerate(numbers):
            width = side * min(abs(number), 1.0)
            place = left + side * (column + 0.5) - width / 2, top + side * (row + 0.5) - width / 2
            drawing.rectangle(place, (width, width), role, 1.0 if number >= 0 else 0.35)
    height, width = values.shape
    drawing.outline((left - 2, top - 2), (side * width + 4, side * height + 4), "faint")
