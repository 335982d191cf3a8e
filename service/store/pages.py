"""Pages of long lists: opaque tokens that remember where a page ended, so that every page costs the same."""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from service.store.errors import BadPage

Item = TypeVar("Item")
Key = Sequence[str | int | float | None]
MOST_ITEMS = 500
_LARGEST_NUMBER = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items in order, and the token of the page after them; None at the end."""

    items: tuple[Item, ...]
    next_page_token: str | None


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page: how many items (1 to 500), in which order (a leading `-`: descending), after which token."""

    size: int = 50
    order_by: str | None = None
    token: str | None = None

    def order(self, allowed: Sequence[str]) -> str:
        """The order asked for; the first of the allowed ones where none was.

        Raises:
            BadPage: the order is not an allowed one, or the size is out of range.
        """
        if not 1 <= self.size <= MOST_ITEMS:
            raise BadPage("page_size", f"page_size is {self.size}; allowed are 1 to {MOST_ITEMS}")
        order = self.order_by or allowed[0]
        if order not in allowed:
            raise BadPage("order_by", f"order_by is {order!r}; allowed are {', '.join(allowed)}")
        return order

    def after(self, place: str, parts: Sequence[type]) -> Key | None:
        """The sort key of the last item of the page before, or None for the first page.

        `place` is the list and its order, `parts` are the types of the key: str (an id), int, or float (or None).

        Raises:
            BadPage: this list, in this order, never gave the token out.
        """
        if not self.token:
            return None
        try:
            found = json.loads(base64.urlsafe_b64decode(self.token + "=" * (-len(self.token) % 4)))
        except (binascii.Error, ValueError, RecursionError) as cause:
            raise BadPage("page_token", "page_token is none that a list gave out") from cause
        if not isinstance(found, list) or found[:1] != [place]:
            raise BadPage("page_token", "page_token belongs to another list, or to another order of this one")
        key = found[1:]
        if len(key) != len(parts) or not all(map(_is_part, key, parts)):
            raise BadPage("page_token", "page_token is none that a list gave out")
        return key


def token_of(place: str, key: Key) -> str:
    """The token of the page after an item with this sort key, in a list and its order."""
    text = json.dumps([place, *key], separators=(",", ":"), allow_nan=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _is_part(value: object, kind: type) -> bool:
    """Whether a database can compare the value with a column of ids, of whole numbers, or of numbers."""
    match value:
        case str():
            return kind is str and value.isalnum()
        case float() | None:
            return kind is float and (value is None or math.isfinite(value))
        case bool():
            return False
        case int():
            return kind is int and 0 <= value <= _LARGEST_NUMBER
    return False
