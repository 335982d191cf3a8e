"""Tables as Parquet."""

import io
from datetime import date

import polars
import pytest

from service.datasets import InvalidDataset, Limits

CSV = b"age,colour,y\n1,red,no\n2.5,blue,yes\n,red,no\n"


def parquet(**columns: object) -> bytes:
    written = io.BytesIO()
    polars.DataFrame(columns).write_parquet(written)
    return written.getvalue()


TABLE = {"age": [1.0, 2.5, None], "colour": ["red", "blue", "red"], "y": ["no", "yes", "no"]}


def test_the_same_table_as_csv_has_the_same_digest(read) -> None:
    assert read(parquet(**TABLE), "a.parquet", target="y").digest == read(CSV, target="y").digest


def test_a_nan_is_a_missing_number(read) -> None:
    nan = {**TABLE, "age": [1.0, 2.5, float("nan")]}
    assert read(parquet(**nan), "a.parquet", target="y").digest == read(CSV, target="y").digest


def test_texts_stay_texts_though_they_look_like_numbers(read, stored) -> None:
    imported = read(parquet(**{**TABLE, "colour": ["01", "02", "01"]}), "a.parquet", target="y")
    assert imported.columns[1].kind == "categorical"
    assert polars.read_parquet(stored)["colour"].to_list() == ["01", "02", "01"]


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ([True, False, True], ["true", "false", "true"]),
        ([date(2024, 1, 1), date(2024, 1, 2), None], ["2024-01-01", "2024-01-02", None]),
        (polars.Series(["a", "b", "a"], dtype=polars.Categorical), ["a", "b", "a"]),
    ],
)
def test_booleans_dates_and_dictionaries_are_categories(values, names, read, stored) -> None:
    assert read(parquet(**{**TABLE, "colour": values}), "a.parquet", target="y").columns[1].kind == "categorical"
    assert polars.read_parquet(stored)["colour"].to_list() == names


def test_whole_numbers_and_decimals_are_numbers(read, stored) -> None:
    read(
        parquet(age=[1, 2, 3], money=polars.Series([1, 2, 4]).cast(polars.Decimal(10, 2)), y=[0, 1, 0]),
        "a.parquet",
        target="y",
    )
    assert polars.read_parquet(stored).dtypes == [polars.Float64, polars.Float64, polars.String]


def test_lists_are_refused_and_named(read) -> None:
    with pytest.raises(InvalidDataset) as raised:
        read(parquet(**{**TABLE, "age": [[1], [2], [3]], "colour": [b"a", b"b", b"c"]}), "a.parquet", target="y")
    assert [(error.pointer, error.code) for error in raised.value.errors] == [
        ("/meta/columns/age", "wrong_type"),
        ("/meta/columns/colour", "wrong_type"),
    ]


def test_lists_that_are_ignored_are_not_read(read) -> None:
    listed = parquet(**{**TABLE, "lists": [[1], [2], [3]]})
    assert read(listed, "a.parquet", target="y", columns={"lists": "ignore"}).digest == read(CSV, target="y").digest


def test_words_that_meta_names_are_missing_among_numbers_too(read, stored) -> None:
    read(parquet(age=[1.0, -999.0, 3.0], y=["a", "b", "a"]), "a.parquet", target="y", missing=["-999", "none"])
    assert polars.read_parquet(stored)["age"].to_list() == [1.0, None, 3.0]


@pytest.mark.parametrize("kept_bytes", [4, 8, 100, -8, -100])
def test_a_file_cut_off_is_refused(kept_bytes, refuse) -> None:
    error = refuse(parquet(**TABLE)[:kept_bytes], "a.parquet", target="y")
    assert (error.pointer, error.code) == ("/file", "not_readable")


def test_damage_in_the_middle_is_refused(refuse) -> None:
    whole = bytearray(parquet(**{**TABLE, "age": [1.0, 2.0, 3.0]}))
    whole[20:60] = b"\xff" * 40
    error = refuse(bytes(whole), "a.parquet", target="y")
    assert (error.pointer, error.code) == ("/file", "not_readable")


@pytest.mark.parametrize(
    "limits", [Limits(rows=2), Limits(columns=2), Limits(cell_bytes=2), Limits(content_bytes=50)], ids=str
)
def test_more_than_the_limits_is_too_large(limits, refuse) -> None:
    error = refuse(parquet(**TABLE), "a.parquet", target="y", limits=limits)
    assert (error.pointer, error.code) == ("/file", "too_large")


def test_millions_of_rows_in_a_few_bytes_are_refused_unread(refuse) -> None:
    bomb = parquet(age=polars.repeat(1.0, 6_000_000, eager=True), y=polars.repeat(1.0, 6_000_000, eager=True))
    assert len(bomb) < 100_000
    assert refuse(bomb, "a.parquet", target="y").message == "the file has 6000000 rows; allowed are 5000000"


def test_a_table_without_rows_is_empty(refuse) -> None:
    assert refuse(parquet(a=[], y=[]), "a.parquet", target="y").code == "empty"


def test_the_character_0_is_refused(refuse) -> None:
    assert refuse(parquet(**{**TABLE, "colour": ["a\0", "b", "c"]}), "a.parquet", target="y").code == "wrong_characters"


def test_a_column_name_of_two_lines_is_refused(refuse) -> None:
    assert refuse(parquet(**{**TABLE, "a\nb": [1, 2, 3]}), "a.parquet", target="y").code == "wrong_characters"
