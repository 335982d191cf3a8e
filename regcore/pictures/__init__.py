"""Pictures: what each regularizer does, computed by running it where it acts; a file for each site.

`<site>.py` has `draw(drawing, rule)`, which draws what a rule of that site does, blue without it and orange with it,
and says in a sentence or two what is to be seen; and `PLAIN`, which says what blue is there.
"""

from __future__ import annotations

import functools
import importlib
from typing import NamedTuple

from regcore.drawing import HEIGHT, Drawing
from regcore.pictures.shown import Shown, settings_to_show
from regcore.regularizers import find

VISIBLE = 5.0
"""By how many pixels a picture's kind moves something at least."""


class Picture(NamedTuple):
    """A picture as SVG, and what is to be seen in it."""

    svg: str
    description: str


@functools.cache
def picture(kind: str) -> Picture:
    """The picture of a regularizer: at its defaults, or where those show nothing, at the most that is searched.

    Raises:
        ValueError: nothing is to be seen there either.
    """
    for shown in settings_to_show(find(kind)):
        drawing, description = _drawn(kind, shown)
        if drawing.moved >= VISIBLE:
            return Picture(drawing.to_svg(f"What {kind} does", description.replace("`", "")), description)
    raise ValueError(f"the picture of {kind} shows nothing: regcore/pictures/{find(kind).site}.py draws it")


def _drawn(kind: str, shown: Shown) -> tuple[Drawing, str]:
    drawing = Drawing()
    site = importlib.import_module(f"regcore.pictures.{find(kind).site}")
    description: str = site.draw(drawing, shown.rule)
    drawing.rectangle((12, 11), (8, 8), "plain")
    drawing.text((24, 19), site.PLAIN)
    drawing.rectangle((150, 11), (8, 8), "kind")
    drawing.text((162, 19), kind)
    if shown.words:
        drawing.text((12, HEIGHT - 9), shown.words, "faint")
    return drawing, f"{description} Blue: {site.PLAIN}. Orange: with `{kind}`{shown.words and f', {shown.words}'}."
