"""Whether two drawings are the same picture, on whatever machines their numbers were computed."""

from __future__ import annotations

import re
from itertools import zip_longest
from xml.etree import ElementTree

HALF_A_PIXEL = 0.5
_MEASURES = ("x", "y", "width", "height", "cx", "cy", "r", "points", "d", "fill-opacity")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def alike(one: str, other: str) -> bool:
    """Whether two SVG documents have the same shapes and words, each number within half a pixel of the other's."""
    try:
        pairs = zip_longest(ElementTree.fromstring(one).iter(), ElementTree.fromstring(other).iter())
        return all(a is not None and b is not None and _same(a, b) for a, b in pairs)
    except ElementTree.ParseError:
        return False


def _same(one: ElementTree.Element, other: ElementTree.Element) -> bool:
    if (one.tag, one.text, one.keys()) != (other.tag, other.text, other.keys()):
        return False
    return all(
        _near(value, other.get(name, "")) if name in _MEASURES else value == other.get(name)
        for name, value in one.items()
    )


def _near(one: str, other: str) -> bool:
    if _NUMBER.sub("", one) != _NUMBER.sub("", other):
        return False
    pairs = zip(_NUMBER.findall(one), _NUMBER.findall(other), strict=True)
    return all(abs(float(a) - float(b)) <= HALF_A_PIXEL for a, b in pairs)
