"""Lists: pages with opaque tokens, at a constant cost."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

from service.store.pages import PageRequest

Item = TypeVar("Item")


class ListOf(BaseModel, Generic[Item]):
    """A page of a list; `next_page_token` is null on the last, `total` where counting would cost too much."""

    items: list[Item]
    next_page_token: str | None
    total: int | None


PageSize = Annotated[int, Query(ge=1, le=500, description="How many items, 1 to 500.")]
PageToken = Annotated[str | None, Query(description="`next_page_token` of the page before.")]
OrderBy = Annotated[str | None, Query(description="In which order; a leading `-` turns it around.")]


def page_request(page_size: PageSize = 50, page_token: PageToken = None, order_by: OrderBy = None) -> PageRequest:
    """The page that a query asks for."""
    return PageRequest(page_size, order_by, page_token)
