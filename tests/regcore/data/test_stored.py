"""Reading what an import stored."""

from pathlib import Path
from typing import Any

import numpy as np
import polars
import pytest

from regcore.data import Column, Images, Rows, Table, UnreadableRows, read_rows

TABLE = polars.DataFrame({"age": [1.5, None, 3.0], "colour": ["red", None, "blue"], "y": ["no", "yes", "no"]})
COLUMNS = ({"name": "age", "kind": "numeric"}, {"name": "colour", "kind": "categorical"})


def read_table(path: Path, **changes: Any) -> Rows:
    described = {"kind": "table", "columns": COLUMNS, "target": "y", "task": "classification", "classes": ("no", "yes")}
    return read_rows(path, **{**described, **changes})


def read_images(path: Path, **changes: Any) -> Rows:
    described = {"kind": "image", "columns": (), "target": "y", "task": "classification", "classes": ("no", "yes")}
    return read_rows(path, **{**described, **changes})


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    TABLE.write_parquet(tmp_path / "table.parquet")
    return tmp_path / "table.parquet"


def table_of(rows: Rows) -> Table:
    assert isinstance(rows.inputs, Table)
    return rows.inputs


def test_numbers_stay_and_a_missing_one_is_nan(stored: Path) -> None:
    assert np.array_equal(table_of(read_table(stored)).values[:, 0], [1.5, np.nan, 3.0], equal_nan=True)


def test_categories_become_indices_in_alphabetical_order_and_a_missing_one_is_minus_1(stored: Path) -> None:
    table = table_of(read_table(stored))
    assert table.columns == (Column("age"), Column("colour", ("blue", "red")))
    assert table.values[:, 1].tolist() == [1.0, -1.0, 0.0]


def test_targets_are_indices_of_classes_in_the_order_given(stored: Path) -> None:
    assert read_table(stored).targets.tolist() == [0, 1, 0]
    assert read_table(stored, classes=("yes", "no")).targets.tolist() == [1, 0, 1]


def test_a_column_that_is_ignored_is_not_read(stored: Path) -> None:
    ignored = ({"name": "gone", "kind": "ignore"}, *COLUMNS)
    assert table_of(read_table(stored, columns=ignored)).values.shape == (3, 2)


def test_a_regression_has_numbers_for_targets(stored: Path) -> None:
    rows = read_table(stored, columns=COLUMNS[1:], target="age", task="regression", classes=None)
    assert rows.task == "regression"
    assert rows.targets.dtype == np.float64


def test_test_rows_that_a_table_brought_are_left_out(tmp_path: Path) -> None:
    marked = TABLE.with_columns(polars.Series("", [False, False, True]))
    marked.write_parquet(tmp_path / "marked.parquet")
    rows = read_table(tmp_path / "marked.parquet")
    assert rows.own_test
    assert len(rows) == 2


def test_images_are_read_and_test_rows_that_they_brought_are_left_out(tmp_path: Path) -> None:
    images, targets = np.zeros((3, 1, 2, 2), dtype=np.uint8), np.array(["no", "yes", "no"])
    np.savez(tmp_path / "a.npz", X=images, y=targets, X_test=images[:1], y_test=targets[:1])
    rows = read_images(tmp_path / "a.npz")
    assert isinstance(rows.inputs, Images)
    assert (rows.own_test, rows.shape, rows.targets.tolist()) == (True, (1, 2, 2), [0, 1, 0])


def test_a_file_that_is_gone_or_damaged_is_unreadable(tmp_path: Path, stored: Path) -> None:
    stored.write_bytes(stored.read_bytes()[:-40])
    for path in (tmp_path / "gone.parquet", stored):
        with pytest.raises(UnreadableRows, match="cannot be read as the data set that was imported"):
            read_table(path)


def test_images_cut_off_are_unreadable(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", X=np.zeros((2, 1, 2, 2)), y=np.array(["no", "yes"]))
    cut = (tmp_path / "a.npz").read_bytes()[:-30]
    (tmp_path / "a.npz").write_bytes(cut)
    with pytest.raises(UnreadableRows):
        read_images(tmp_path / "a.npz")


@pytest.mark.parametrize(
    "changes", [{"classes": ("no",)}, {"target": "gone"}, {"columns": ({"name": "x", "kind": "numeric"},)}]
)
def test_a_file_that_is_not_what_the_import_described_is_unreadable(stored: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(UnreadableRows):
        read_table(stored, **changes)


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", X=np.array([{}], dtype=object), y=np.array(["no"]), allow_pickle=True)
    with pytest.raises(UnreadableRows, match="allow_pickle"):
        read_images(tmp_path / "a.npz")
