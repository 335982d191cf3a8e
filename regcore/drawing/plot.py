"""A plot: a box of a drawing in which numbers have their place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from regcore.drawing.svg import Drawing, Point, Role

Range = tuple[float, float]


class Box(NamedTuple):
    """A part of a drawing, in pixels."""

    left: float
    top: float
    width: float
    height: float


class Plot:
    """A box with a range of numbers across and one up; what lies outside the ranges is drawn at the edge."""

    def __init__(self, drawing: Drawing, box: Box, across: Range, up: Range) -> None:
        self.drawing, self.box, self.across, self.up = drawing, box, across, up

    def place(self, x: float, y: float) -> Point:
        """Where a pair of numbers lies."""
        left, top, width, height = self.box
        return left + width * _share(x, self.across), top + height * (1 - _share(y, self.up))

    def axes(self, below: str, beside: str, ticks: Sequence[int] = ()) -> None:
        """The lines along which the other number is 0, or the edges, what the numbers are, and some of them below."""
        left, top, width, height = self.box
        for line in ([self.place(self.across[0], 0), self.place(self.across[1], 0)], self._upright()):
            self.drawing.curve(line, "faint")
        if below:
            self.drawing.text((left + width, top + height + 13), below, "faint", "end")
        for tick in ticks:
            self.drawing.text((self.place(tick, 0)[0], top + height + 13), f"{tick}", "faint", "middle")
        self.drawing.text((left, top - 6), beside, "faint")

    def curve(self, xs: Sequence[float], ys: Sequence[float], role: Role, dashed: bool = False) -> None:
        """A line through the pairs."""
        self.drawing.curve([self.place(x, y) for x, y in zip(xs, ys, strict=True)], role, dashed)

    def curves(self, xs: Sequence[float], plain: Sequence[float], kind: Sequence[float], dashed: bool = False) -> None:
        """One number without the kind and with it."""
        self.curve(xs, plain, "plain")
        self.curve(xs, kind, "kind", dashed)
        self.compare(plain, kind)

    def bars(self, plain: Sequence[float], kind: Sequence[float], gap_after: int = 0) -> None:
        """Pairs of bars side by side; a gap after each group of so many, if any."""
        groups = (len(plain) - 1) // gap_after if gap_after else 0
        slot = self.box.width / (len(plain) + groups)
        zero = self.place(0, 0)[1]
        for number, pair in enumerate(zip(plain, kind, strict=True)):
            left = self.box.left + slot * (number + (number // gap_after if gap_after else 0))
            for half, value in enumerate(pair):
                end = self.place(0, value)[1]
                corner = (left + slot * (0.08 + 0.42 * half), min(end, zero))
                self.drawing.rectangle(
                    corner, (0.4 * slot, max(abs(end - zero), 0.6)), "plain" if half == 0 else "kind"
                )
        self.compare(plain, kind)

    def compare(self, plain: Sequence[float], kind: Sequence[float]) -> None:
        """Notes how far the kind moves these numbers, which go up."""
        heights = [(self.place(0, one)[1], self.place(0, other)[1]) for one, other in zip(plain, kind, strict=True)]
        self.drawing.moved = max([self.drawing.moved, *(abs(one - other) for one, other in heights)])

    def _upright(self) -> list[Point]:
        x = 0.0 if self.across[0] <= 0 <= self.across[1] else self.across[0]
        return [self.place(x, self.up[0]), self.place(x, self.up[1])]


def _share(value: float, within: Range) -> float:
    low, high = within
    return min(max((value - low) / (high - low), 0.0), 1.0)
