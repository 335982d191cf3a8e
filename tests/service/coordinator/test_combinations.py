"""Combinations count and address what listing them would give."""

from __future__ import annotations

import pytest

from service.coordinator.combinations import Axis, Either, Product, shuffled


def test_the_last_part_of_a_product_varies_fastest() -> None:
    product = Product((Axis("a", (1, 2)), Axis("b", ("x", "y", "z"))))
    assert product.size == 6
    assert [product.at(index) for index in (0, 1, 3)] == [{"a": 1, "b": "x"}, {"a": 1, "b": "y"}, {"a": 2, "b": "x"}]


def test_either_gives_its_parts_one_after_the_other() -> None:
    either = Either((Axis("gate", (False,)), Product((Axis("gate", (True,)), Axis("v", (1, 2))))))
    assert [either.at(index) for index in range(either.size)] == [
        {"gate": False},
        {"gate": True, "v": 1},
        {"gate": True, "v": 2},
    ]


def test_an_index_past_the_last_is_an_error() -> None:
    with pytest.raises(IndexError, match="past the last of 1"):
        Either((Axis("gate", (False,)),)).at(1)


@pytest.mark.parametrize("size", [1, 2, 3, 10, 33, 1000])
def test_a_shuffle_is_a_permutation(size: int) -> None:
    assert sorted(shuffled(index, size, seed=4) for index in range(size)) == list(range(size))


def test_another_seed_shuffles_otherwise() -> None:
    first, other = ([shuffled(index, 100, seed) for index in range(100)] for seed in (1, 2))
    assert first != other
