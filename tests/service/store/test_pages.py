"""Pages: tokens that are read back as they were made, and refused where they were not."""

from __future__ import annotations

import pytest

from service.store.errors import BadPage
from service.store.pages import PageRequest, token_of

ORDERS = ("number", "-number")


def test_the_first_order_is_the_default() -> None:
    assert PageRequest().order(ORDERS) == "number"


@pytest.mark.parametrize("size", [0, 501])
def test_a_size_out_of_range_is_refused(size: int) -> None:
    with pytest.raises(BadPage, match="1 to 500"):
        PageRequest(size).order(ORDERS)


def test_an_unknown_order_is_refused_with_those_that_are_allowed() -> None:
    with pytest.raises(BadPage, match="number, -number"):
        PageRequest(order_by="name").order(ORDERS)


def test_a_token_gives_its_key_back() -> None:
    token = token_of("value", [0.1, 3])
    assert PageRequest(token=token).after("value", (float, int)) == [0.1, 3]


def test_the_first_page_comes_after_nothing() -> None:
    assert PageRequest().after("value", (float, int)) is None


@pytest.mark.parametrize("token", ["é", "%%%", "bm90IGpzb24", token_of("number", [1]), token_of("value", [1])])
def test_a_token_that_this_list_never_gave_out_is_refused(token: str) -> None:
    with pytest.raises(BadPage):
        PageRequest(token=token).after("value", (float, int))
