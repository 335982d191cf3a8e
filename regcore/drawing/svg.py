"""A drawing of 480 × 200 pixels, written as SVG: for light and dark screens and for those who have it read to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 480, 200

Role = Literal["plain", "kind", "ink", "faint", "paper"]
"""What a color says: blue is how it is without the kind, orange with it; ink and faint are for words and axes, paper is
what is drawn on."""

Point = tuple[float, float]
"""Pixels to the right and down from the upper left corner."""

# Blue and orange by Okabe and Ito (2008), "Color universal design", which every kind of color vision tells apart.
_LIGHT = {"plain": "#0072b2", "kind": "#d55e00", "ink": "#1f2328", "faint": "#59636e", "paper": "#ffffff"}
_DARK = {"plain": "#56b4e9", "kind": "#f0902f", "ink": "#e6edf3", "faint": "#9198a1", "paper": "#0d1117"}


class Drawing:
    """Shapes in the order in which they were drawn, the later ones on top.

    `moved` is by how many pixels the kind moves what it moves furthest (a shade of a hundredth counts as a pixel).
    """

    def __init__(self) -> None:
        self.moved = 0.0
        self._shapes: list[str] = []

    def rectangle(self, corner: Point, size: Point, role: Role, opacity: float = 1.0) -> None:
        """A filled rectangle from its upper left corner."""
        shade = "" if opacity == 1 else f' fill-opacity="{_number(100 * opacity)}%"'
        place = f'x="{_number(corner[0])}" y="{_number(corner[1])}"'
        extent = f'width="{_number(size[0])}" height="{_number(size[1])}"'
        self._shapes.append(f'<rect class="{role}" {place} {extent}{shade}/>')

    def outline(self, corner: Point, size: Point, role: Role) -> None:
        """A rectangle of lines."""
        (left, top), (width, height) = corner, size
        right, bottom = left + width, top + height
        self.curve([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)], role)

    def curve(self, points: Iterable[Point], role: Role, dashed: bool = False) -> None:
        """A line through the points."""
        path = " ".join(f"{_number(x)},{_number(y)}" for x, y in points)
        self._shapes.append(f'<polyline class="{role}-line{" dashed" if dashed else ""}" points="{path}"/>')

    def lines(self, pieces: Iterable[tuple[Point, Point]], role: Role) -> None:
        """Many straight lines as one shape."""
        path = "".join(f"M{_number(a)},{_number(b)}L{_number(c)},{_number(d)}" for (a, b), (c, d) in pieces)
        self._shapes.append(f'<path class="{role}-line" d="{path}"/>')

    def tiles(self, corner: Point, side: float, shades: Sequence[Sequence[float]], role: Role) -> None:
        """Rows of squares of that side, from 0 for none to 1 for the full color, in a frame."""
        place = f"translate({_number(corner[0])} {_number(corner[1])}) scale({_number(side)})"
        squares = [
            f'<path fill-opacity="{_number(100 * shade)}%" d="M{column} {row}h1v1h-1z"/>'
            for row, shades_of_row in enumerate(shades)
            for column, shade in enumerate(shades_of_row)
        ]
        self._shapes.append(
            f'<g class="{role}" transform="{place}" shape-rendering="crispEdges">{"".join(squares)}</g>'
        )
        self.outline(corner, (side * len(shades[0]), side * len(shades)), "faint")

    def dot(self, center: Point, role: Role, radius: float = 2.5) -> None:
        """A filled circle."""
        x, y = center
        self._shapes.append(f'<circle class="{role}" cx="{_number(x)}" cy="{_number(y)}" r="{_number(radius)}"/>')

    def arrow(self, start: Point, end: Point, role: Role) -> None:
        """An arrow, whose head is left out where it is too short for one."""
        (x, y), (across, down) = end, (end[0] - start[0], end[1] - start[1])
        length = (across**2 + down**2) ** 0.5
        self.curve([start, end], role)
        if length < 1:
            return
        across, down = 8 * across / length, 8 * down / length
        sides = [(x - across + turn * down / 2, y - down - turn * across / 2) for turn in (1, -1)]
        self.curve([sides[0], end, sides[1]], role)

    def text(self, place: Point, words: str, role: Role = "ink", anchor: str = "start") -> None:
        """Words whose baseline begins, ends or has its middle at the place."""
        x, y = place
        at = f'x="{_number(x)}" y="{_number(y)}" text-anchor="{anchor}"'
        self._shapes.append(f'<text class="{role}" {at}>{escape(words)}</text>')

    def to_svg(self, title: str, description: str) -> str:
        """The document, with a name and a description for those who do not see it."""
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
            'role="img" aria-labelledby="title description">',
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="description">{escape(description)}</desc>',
            f"<style>{_style()}</style>",
            f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}" rx="6"/>',
            *self._shapes,
            "</svg>",
        ]
        return "\n".join(lines) + "\n"


def _style() -> str:
    always = (
        "text{font:11px system-ui,sans-serif}"
        "polyline,path[class]{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}"
        ".faint-line{stroke-width:1;stroke-opacity:55%}.dashed{stroke-dasharray:4 4}"
    )
    return f"{always}{_colors(_LIGHT)}@media(prefers-color-scheme:dark){{{_colors(_DARK)}}}"


def _colors(colors: dict[str, str]) -> str:
    return "".join(f".{role}{{fill:{color}}}.{role}-line{{stroke:{color}}}" for role, color in colors.items())


def _number(value: float) -> str:
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")
