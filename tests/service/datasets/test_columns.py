"""Which kind the columns of a table have, and which of them are kept."""

import polars
import pytest

from service.datasets import ColumnFacts, InvalidDataset, Limits

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def csv(cells: list[str], name: str = "x") -> bytes:
    """A table of a column to look at, another that is kept, and a target."""
    rows = "".join(f"{cell},{place * place},{'yes' if place % 2 else 'no'}\n" for place, cell in enumerate(cells))
    return f"{name},square,y\n{rows}".encode()


@pytest.mark.parametrize(
    "cells", [["1", "2", "3"], ["1e5", "-.5", "+3."], ["1", "", "2"], ["0", "1", "0"], ["1", "NaN", "2"]]
)
def test_a_column_is_numeric_if_all_its_cells_are_numbers(cells, read) -> None:
    assert read(csv(cells), target="y").columns[0].kind == "numeric"


@pytest.mark.parametrize("cells", [["a", "b", "a"], ["1", "b", "2"], ["1", "NA", "2"], ["true", "false", "true"]])
def test_a_column_is_categorical_otherwise(cells, read) -> None:
    assert read(csv(cells), target="y").columns[0].kind == "categorical"


@pytest.mark.parametrize("cells", [["1_000", "2", "3"], ["0x10", "2", "3"], ["1 2", "2", "3"], ["١", "2", "3"]])
def test_what_only_python_takes_for_a_number_is_a_category(cells, read) -> None:
    assert read(csv(cells), target="y").columns[0].kind == "categorical"


def test_numbers_may_be_made_categories_as_they_are_written(read, stored) -> None:
    imported = read(csv(["01", "1", "01"]), target="y", columns={"x": "categorical"})
    assert imported.columns[0] == ColumnFacts("x", "categorical", 0, 2)
    assert polars.read_parquet(stored)["x"].to_list() == ["01", "1", "01"]


def test_an_ignored_column_is_nowhere(read, stored) -> None:
    imported = read(csv(["a", "b", "c"]), target="y", columns={"x": "ignore"})
    assert [column.name for column in imported.columns] == ["square"]
    assert polars.read_parquet(stored).columns == ["square", "y"]


def test_text_in_a_column_declared_numeric_is_refused_with_its_row_and_value(refuse) -> None:
    error = refuse(csv(["1", "2", "about 40", "5"]), target="y", columns={"x": "numeric"})
    assert (error.pointer, error.code) == ("/meta/columns/x", "not_a_number")
    assert 'row 3 holds "about 40"' in error.message


def test_a_long_text_is_shortened_in_the_error(refuse) -> None:
    error = refuse(csv(["1", "long " * 100, "3"]), target="y", columns={"x": "numeric"})
    assert len(error.message) < 250
    assert "…" in error.message


def test_all_wrong_columns_are_told_at_once(read) -> None:
    with pytest.raises(InvalidDataset) as raised:
        read(b"a,b,y\nx,y,0\n1,2,1\n", target="y", columns={"a": "numeric", "b": "numeric"})
    assert [error.pointer for error in raised.value.errors] == ["/meta/columns/a", "/meta/columns/b"]


@pytest.mark.parametrize("cell", ["inf", "-Infinity", "1e400", "1e101"])
def test_a_number_that_is_not_finite_is_refused_with_its_row(cell, refuse) -> None:
    error = refuse(csv(["1", cell, "3"]), target="y")
    assert (error.pointer, error.code) == ("/meta/columns/x", "not_finite")
    assert f'"{cell}" in row 2' in error.message


def test_names_in_pointers_are_escaped(refuse) -> None:
    error = refuse(csv(["1", "b", "3"], name="a/b~c"), target="y", columns={"a/b~c": "numeric"})
    assert error.pointer == "/meta/columns/a~1b~0c"


def test_a_column_of_meta_that_the_file_lacks_is_refused_with_the_nearest(refuse) -> None:
    error = refuse(csv(["1", "2", "3"]), target="y", columns={"sqare": "numeric"})
    assert (error.pointer, error.code) == ("/meta/columns/sqare", "unknown_name")
    assert 'did you mean "square"?' in error.message


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (["", "", ""], "there is no value"),
        (["7", "7.0", ""], "all values are the same"),
        (["a", "a", "a"], "all values are the same"),
        (list(LETTERS), "every value is another, as in an identifier"),
    ],
)
def test_a_column_that_tells_nothing_is_left_out_with_a_warning(cells, reason, read, stored) -> None:
    imported = read(csv(cells), target="y")
    assert imported.columns[0].kind == "ignore"
    assert imported.shape == (1,)
    assert imported.profile["warnings"][0].startswith(f'column "x": left out, {reason}')
    assert "x" not in polars.read_parquet(stored).columns


def test_a_category_or_none_is_something_to_know(read) -> None:
    assert read(csv(["a", "", "a"]), target="y").columns[0].kind == "categorical"


def test_an_identifier_that_is_declared_categorical_is_kept(read) -> None:
    assert read(csv(list(LETTERS)), target="y", columns={"x": "categorical"}).columns[0].kind == "categorical"


@pytest.mark.parametrize(
    ("cells", "warning"),
    [
        ([f"c{place}" for place in range(101)] * 2, "more than 100 categories"),
        ([str(place) for place in range(5, 40)], "numbers the rows; if it is an identifier, ignore it"),
        (
            ["1", "2", "?", "4", "5", "3"],
            'categorical because of "?"; if that stands for no value, say so in `missing`',
        ),
    ],
)
def test_a_column_to_look_at_again_is_warned_of_and_kept(cells, warning, read) -> None:
    imported = read(csv(cells), target="y")
    assert imported.shape == (2,)
    assert imported.profile["warnings"] == [
        f'column "x": {warning}{", with few rows each" if "100" in warning else ""}'
    ]


def test_columns_with_the_same_remark_share_a_warning(read) -> None:
    names = [f"c{place}" for place in range(12)]
    content = f"{','.join(names)},x,y\n" + f"{'7,' * 12}1,no\n" + f"{'7,' * 12}2,yes\n"
    (warning,) = read(content.encode(), target="y").profile["warnings"]
    assert warning == (
        'columns "c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9" and 2 more: '
        "left out, all values are the same"
    )


def test_where_no_column_is_left_the_table_is_refused(refuse) -> None:
    error = refuse(b"x,y\n1,no\n1,yes\n", target="y")
    assert (error.pointer, error.code) == ("/file", "no_columns")


def test_categories_count_as_inputs_towards_the_limit(refuse) -> None:
    error = refuse(csv([f"c{place}" for place in range(50)] * 2), target="y", limits=Limits(numbers=5_000))
    assert (error.pointer, error.code) == ("/meta/columns", "too_large")
