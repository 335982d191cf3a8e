"""Why a setting cannot be brought into a loop, or the loop cannot go on, as one tree.

CocktailError
├── InvalidSetting   the setting names what there is not, or a value that is not allowed
├── UnsuitedModel    the model, the rows or the optimizer are not such that the setting can act on them
└── LoopError        the loop does not do what a step consists of
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class CocktailError(Exception):
    """Whatever the cocktail refuses."""


class InvalidSetting(CocktailError):
    """A setting that cannot be had: where in it (a flat name), what was got, and what is allowed."""

    def __init__(self, at: str, got: object, allowed: str) -> None:
        self.at = at
        self.got = got
        self.allowed = allowed
        super().__init__(f"{at}: got {got!r}, allowed is {allowed}")


class UnsuitedModel(CocktailError):
    """A model, rows or an optimizer on which the setting cannot act: what of it, what was got, and what is allowed."""

    def __init__(self, at: str, got: object, allowed: str) -> None:
        self.at = at
        self.got = got
        self.allowed = allowed
        super().__init__(f"{at}: got {got}, needed is {allowed}")


class LoopError(CocktailError):
    """A loop whose steps are not made of one loss, its backward pass and one step of the optimizer."""


def named(name: str, names: Iterable[str]) -> str:
    """What to write instead of an unknown name: the nearest one, or all of them where none is near."""
    known = list(names)
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return f"{near[0]!r}, which is nearest"
    return f"one of {', '.join(known)}" if known else "none"
