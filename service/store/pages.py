"""Pages of long lists: opaque tokens that remember where a page ended, so that every page costs the same."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from service.store.errors import BadPage

Item = TypeVar("Item")
Key = Sequence[str | int | float | None]
MOST_ITEMS = 500


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
            raise BadPage(f"page_size is {self.size}; allowed are 1 to {MOST_ITEMS}")
        order = self.order_by or allowed[0]
        if order not in allowed:
            raise BadPage(f"order_by is {order!r}; allowed are {', '.join(allowed)}")
        return order

    def after(self, order: str, length: int) -> Key | None:
        """The sort key of the last item of the page before, or None for the first page.

        Raises:
            BadPage: this list, in this order, never gave the token out.
        """
        if not self.token:
            return None
        try:
            found = json.loads(base64.urlsafe_b64decode(self.token + "=" * (-len(self.token) % 4)))
        except (binascii.Error, ValueError) as cause:
            raise BadPage("page_token is none that a list gave out") from cause
        if not isinstance(found, list) or len(found) != length + 1 or found[0] != order:
            raise BadPage(f"page_token belongs to another list, or to another order than {order!r}")
        return found[1:]


def token_of(order: str, key: Key) -> str:
    """The token of the page after an item with this sort key."""
    text = json.dumps([order, *key], separators=(",", ":"), allow_nan=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
