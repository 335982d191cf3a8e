"""From rows to the tensors that lanes train on."""

from dataclasses import fields

import numpy as np
import pytest
import torch
from torch import Tensor

from regcore.data import (
    CannotPrepare,
    Column,
    Images,
    Indices,
    Rows,
    Split,
    Table,
    bundled_names,
    load_bundled,
    prepare,
    split_rows,
)
from regcore.data.preprocessing import MOST_CATEGORIES

MARK = 12_345_678.0
NAN = np.nan
HALVES = Indices(np.array([0, 1, 2]), np.array([3, 4]), np.array([5]))


def numbers(*columns: list[float]) -> Rows:
    values = np.array(columns, dtype=np.float64).T
    return Rows(
        Table(values, tuple(Column(str(place)) for place in range(len(columns)))),
        np.arange(len(values)) % 2,
        ("no", "yes"),
    )


def categories(codes: list[int], names: str) -> Rows:
    values = np.array(codes, dtype=np.float64)[:, None]
    return Rows(Table(values, (Column("letter", tuple(names)),)), np.arange(len(codes)) % 2, ("no", "yes"))


def tensors(split: Split) -> dict[str, Tensor]:
    found = {field.name: getattr(split, field.name) for field in fields(split)}
    return {name: value for name, value in found.items() if name.startswith(("inputs", "targets"))}


def holdout(rows: Rows) -> Indices:
    return split_rows(rows, validation=0.2, test=0.2, stratify=True, test_seed=0, split_seed=0)


@pytest.mark.parametrize("name", bundled_names())
def test_every_bundled_set_becomes_finite_float32_rows(name: str) -> None:
    rows = load_bundled(name)
    indices = holdout(rows)
    split = prepare(rows, indices)
    assert all(tensor.dtype == torch.float32 and tensor.isfinite().all() for tensor in tensors(split).values())
    assert len(split.inputs_train) == len(split.targets_train) == len(indices.train)
    assert len(split.inputs_validation) == len(split.targets_validation) == len(indices.validation)


def test_a_mark_in_every_test_row_changes_no_tensor() -> None:
    rows = load_bundled("diabetes")
    indices = holdout(rows)
    assert isinstance(rows.inputs, Table)
    values, targets = rows.inputs.values.copy(), rows.targets.copy()
    values[indices.test] = targets[indices.test] = MARK
    marked = prepare(Rows(Table(values, rows.inputs.columns), targets, None), indices)
    clean = prepare(rows, indices)
    assert all(torch.equal(tensors(marked)[name], tensor) for name, tensor in tensors(clean).items())
    assert (marked.target_mean, marked.target_scale) == (clean.target_mean, clean.target_scale)


def test_a_mark_in_the_test_images_is_in_no_tensor() -> None:
    rows = load_bundled("digits")
    indices = holdout(rows)
    assert isinstance(rows.inputs, Images)
    pixels = rows.inputs.pixels.copy()
    pixels[indices.test] = MARK
    split = prepare(Rows(Images(pixels), rows.targets, rows.classes), indices)
    assert not any((tensor == MARK).any() for tensor in tensors(split).values())


def test_other_validation_rows_leave_the_training_rows_as_they_are() -> None:
    rows = numbers([1, 2, 3, 4, 5, 6], [1, NAN, 3, NAN, 5, 6])
    changed = numbers([1, 2, 3, MARK, MARK, 6], [1, NAN, 3, MARK, MARK, 6])
    assert torch.equal(prepare(rows, HALVES).inputs_train, prepare(changed, HALVES).inputs_train)


def test_numbers_have_mean_0_and_deviation_1_over_the_training_rows() -> None:
    split = prepare(load_bundled("wine"), holdout(load_bundled("wine")))
    assert torch.allclose(split.inputs_train.mean(0), torch.zeros(13), atol=1e-5)
    assert torch.allclose(split.inputs_train.std(0, correction=0), torch.ones(13), atol=1e-5)


def test_a_missing_number_is_the_median_of_the_training_rows() -> None:
    split = prepare(numbers([0, 1, 5, NAN, 1, 9]), HALVES)
    assert split.inputs_validation[0] == split.inputs_validation[1]


def test_each_category_of_the_training_rows_is_a_column_and_missing_is_one_too() -> None:
    split = prepare(categories([0, 1, -1, 1, -1, 0], "ab"), HALVES)
    missing, a, b = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]
    assert split.inputs_train.tolist() == [a, b, missing]
    assert split.inputs_validation.tolist() == [b, missing]


def test_a_category_that_the_training_rows_lack_is_all_zeros() -> None:
    split = prepare(categories([0, 1, 0, 2, -1, 0], "abc"), HALVES)
    assert split.inputs_validation.tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_very_many_categories_become_a_bounded_number_of_columns() -> None:
    many = MOST_CATEGORIES * 2
    rows = categories([*range(many), 0, many - 1], "x" * many)
    split = prepare(rows, Indices(np.arange(many), np.array([many, many + 1]), np.array([], dtype=np.int64)))
    assert split.inputs_train.shape == (many, MOST_CATEGORIES)
    assert split.inputs_validation.sum(1).tolist() == [1.0, 1.0]


def test_every_feature_of_a_table_knows_its_column() -> None:
    letters = np.array([0, 1, 2, 0, 1, 2], dtype=np.float64)
    values = np.stack([letters, np.zeros(6), np.arange(6.0), letters[::-1]], axis=1)
    letter, number = ("a", "b", "c"), None
    columns = [Column(f"{place}", kind) for place, kind in enumerate((letter, number, number, letter))]
    rows = Rows(Table(values, tuple(columns)), np.arange(6) % 2, ("no", "yes"))
    split = prepare(rows, HALVES)
    assert split.columns is not None
    assert split.columns.tolist() == [2, 0, 0, 0, 3, 3, 3]
    assert split.categorical is not None
    assert split.categorical.tolist() == [False] + 6 * [True]
    assert len(split.columns) == split.inputs_train.shape[1]


def test_rare_categories_that_share_a_feature_come_from_one_column() -> None:
    codes = np.arange(3.0 * MOST_CATEGORIES)
    rows = Rows(
        Table(codes[:, None], (Column("name", tuple(map(str, codes))),)), np.arange(len(codes)) % 2, ("no", "yes")
    )
    split = prepare(rows, Indices(np.arange(len(codes) - 2), np.array([len(codes) - 2]), np.array([len(codes) - 1])))
    assert split.columns is not None
    assert split.columns.tolist() == MOST_CATEGORIES * [0]


def test_images_have_no_columns() -> None:
    rows = Rows(Images(np.zeros((6, 1, 2, 2), dtype=np.uint8)), np.arange(6) % 2, ("no", "yes"))
    assert prepare(rows, HALVES).columns is None


@pytest.mark.parametrize("useless", [[NAN, NAN, NAN, 4, 5, 6], [7, 7, 7, 4, 5, 6], [7, NAN, 7, 4, 5, 6]])
def test_a_column_that_does_not_vary_over_the_training_rows_is_dropped(useless: list[float]) -> None:
    split = prepare(numbers([1, 2, 3, 4, 5, 6], useless), HALVES)
    assert split.inputs_train.shape == (3, 1)
    assert split.inputs_validation.shape == (2, 1)


def test_where_no_column_varies_the_rows_are_refused() -> None:
    with pytest.raises(CannotPrepare, match="none of the 1 columns varies over the 3 training rows"):
        prepare(numbers([1, 1, 1, 2, 3, 4]), HALVES)


def test_classes_become_one_hot_targets() -> None:
    split = prepare(numbers([1, 2, 3, 4, 5, 6]), HALVES)
    assert split.targets_train.tolist() == [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]
    assert split.classes == ("no", "yes")
    assert (split.target_mean, split.target_scale) == (0.0, 1.0)


def test_a_regression_is_told_in_units_of_the_training_rows() -> None:
    rows = load_bundled("diabetes")
    indices = holdout(rows)
    split = prepare(rows, indices)
    assert split.target_mean == pytest.approx(rows.targets[indices.train].mean())
    assert split.target_scale == pytest.approx(rows.targets[indices.train].std())
    own_units = split.targets_validation[:, 0].double() * split.target_scale + split.target_mean
    assert own_units.numpy() == pytest.approx(rows.targets[indices.validation], rel=1e-5)


def test_equal_targets_of_the_training_rows_are_not_scaled() -> None:
    inputs = numbers([1, 2, 3, 4, 5, 6]).inputs
    split = prepare(Rows(inputs, np.array([5.0, 5, 5, 6, 7, 8]), None), HALVES)
    assert split.targets_validation.tolist() == [[1.0], [2.0]]


def test_pixels_of_8_bits_are_scaled_to_0_to_1_and_others_are_not() -> None:
    bright = np.full((6, 1, 2, 2), 255)
    targets, classes = np.arange(6) % 2, ("no", "yes")
    assert (prepare(Rows(Images(bright.astype(np.uint8)), targets, classes), HALVES).inputs_train == 1).all()
    assert (prepare(Rows(Images(bright.astype(np.float32)), targets, classes), HALVES).inputs_train == 255).all()
