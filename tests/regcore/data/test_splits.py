"""Which rows train, validate and test."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as some
from numpy.typing import NDArray

from regcore.data import CannotSplit, Column, Indices, Rows, Table, load_bundled, split_rows

CLASS_SIZES = some.lists(some.integers(1, 60), min_size=2, max_size=8)
SEEDS = some.integers(0, 2**63 - 1)


def rows_of(sizes: list[int], own_test: bool = False) -> Rows:
    targets = np.repeat(np.arange(len(sizes)), sizes)
    inputs = Table(np.arange(len(targets), dtype=np.float64)[:, None], (Column("number"),))
    return Rows(inputs, targets, tuple(map(str, range(len(sizes)))), own_test)


def halves(rows: Rows, test_seed: int = 1, split_seed: int = 2, stratify: bool = True) -> Indices:
    return split_rows(rows, validation=0.2, test=0.3, stratify=stratify, test_seed=test_seed, split_seed=split_seed)


def counts(rows: Rows, part: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.bincount(rows.targets[part], minlength=len(rows.classes or ()))


@given(CLASS_SIZES, SEEDS, SEEDS, some.booleans())
def test_every_row_is_in_one_part(sizes: list[int], test_seed: int, split_seed: int, stratify: bool) -> None:
    assume(sum(sizes) >= 5)
    rows = rows_of(sizes)
    indices = halves(rows, test_seed, split_seed, stratify)
    together = np.concatenate([indices.train, indices.validation, indices.test])
    assert sorted(together) == list(range(len(rows)))


@given(CLASS_SIZES, SEEDS)
def test_parts_have_the_rounded_share_of_all_rows(sizes: list[int], seed: int) -> None:
    assume(sum(sizes) >= 5)
    rows = rows_of(sizes)
    indices = halves(rows, seed, seed)
    assert len(indices.test) == round(len(rows) * 0.3)
    assert len(indices.validation) == round(len(rows) * 0.2)


@given(some.lists(some.integers(3, 60), min_size=2, max_size=8), SEEDS)
def test_each_class_has_its_share_of_the_test_rows_within_one_row(sizes: list[int], seed: int) -> None:
    rows = rows_of(sizes)
    indices = halves(rows, seed, seed)
    exact = np.array(sizes) * len(indices.test) / len(rows)
    assert (np.abs(counts(rows, indices.test) - exact) < 1).all()


@given(some.lists(some.integers(3, 60), min_size=2, max_size=8), SEEDS)
def test_each_class_has_its_share_of_the_rest_as_validation_rows_within_one_row(sizes: list[int], seed: int) -> None:
    rows = rows_of(sizes)
    indices = halves(rows, seed, seed)
    rest = np.array(sizes) - counts(rows, indices.test)
    exact = rest * len(indices.validation) / rest.sum()
    assert (np.abs(counts(rows, indices.validation) - exact) < 1).all()


@given(some.lists(some.integers(2, 60), min_size=2, max_size=8), SEEDS)
def test_a_class_of_two_rows_is_still_trained_on(sizes: list[int], seed: int) -> None:
    assume(sum(sizes) >= 20)
    rows = rows_of(sizes)
    assert (counts(rows, halves(rows, seed, seed).train) > 0).all()


def test_where_every_class_has_one_row_they_are_drawn_without_regard_to_class() -> None:
    indices = halves(rows_of([1] * 10))
    assert (len(indices.train), len(indices.validation), len(indices.test)) == (5, 2, 3)


def test_the_test_rows_are_the_same_for_any_split_seed_and_validation_share() -> None:
    rows = rows_of([50, 30, 20])
    test_rows = [
        split_rows(
            rows, validation=share, test=0.2, stratify=stratify, test_seed=7, split_seed=split_seed
        ).test.tolist()
        for share, stratify, split_seed in [(0.2, True, 0), (0.2, True, 1), (0.4, True, 0), (0.2, False, 0)]
    ]
    assert all(found == test_rows[0] for found in test_rows)


def test_another_test_seed_draws_other_test_rows() -> None:
    rows = rows_of([50, 50])
    assert halves(rows, test_seed=1).test.tolist() != halves(rows, test_seed=2).test.tolist()


def test_another_split_seed_draws_other_validation_rows_from_the_same_rest() -> None:
    rows = rows_of([50, 50])
    first, second = halves(rows, split_seed=1), halves(rows, split_seed=2)
    assert first.validation.tolist() != second.validation.tolist()
    assert np.union1d(first.train, first.validation).tolist() == np.union1d(second.train, second.validation).tolist()


def test_validation_rows_are_drawn_without_regard_to_class_where_that_is_asked() -> None:
    rows = rows_of([500, 500])
    drawn = {counts(rows, halves(rows, split_seed=seed, stratify=False).validation)[0] for seed in range(8)}
    assert len(drawn) > 1


def test_a_regression_is_split_too() -> None:
    indices = halves(load_bundled("diabetes"))
    assert (len(indices.train), len(indices.validation), len(indices.test)) == (221, 88, 133)


def test_a_data_set_with_test_rows_of_its_own_gives_none_of_the_others() -> None:
    indices = halves(rows_of([10, 10], own_test=True))
    assert (len(indices.train), len(indices.validation), len(indices.test)) == (16, 4, 0)


def test_the_draw_is_the_same_on_every_machine() -> None:
    indices = halves(rows_of([8, 4]), test_seed=1, split_seed=2)
    assert (indices.validation.tolist(), indices.test.tolist()) == ([5, 11], [2, 4, 7, 9])


@pytest.mark.parametrize(("sizes", "own_test"), [([1, 1], False), ([1], True)])
def test_too_few_rows_are_refused(sizes: list[int], own_test: bool) -> None:
    with pytest.raises(CannotSplit, match="at least one is needed for validation and one must be left for training"):
        halves(rows_of(sizes, own_test))
