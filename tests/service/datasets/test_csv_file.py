"""Tables as CSV."""

import gzip

import polars
import pytest

from service.datasets import Limits

ROWS = "1,red,no\n2,blue,yes\n3,red,no\n"


def csv(text: str = ROWS, header: str = "age,colour,y") -> bytes:
    return f"{header}\n{text}".encode()


def test_numbers_and_texts_are_stored_as_such_the_target_last(read, stored) -> None:
    read(csv(header="y,colour,age", text="no,red,1\nyes,blue,2\nno,red,\n"), target="y")
    expected = polars.DataFrame({"colour": ["red", "blue", "red"], "age": [1.0, 2.0, None], "y": ["no", "yes", "no"]})
    assert polars.read_parquet(stored).equals(expected)


@pytest.mark.parametrize(
    "content",
    [
        csv(ROWS.rstrip()),
        csv(f"{ROWS}\n\n"),
        csv(ROWS.replace("\n", "\n\n")),
        csv().replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + csv(),
        b"\n\n" + csv(),
        csv().replace(b",", b";"),
        csv().replace(b",", b"\t"),
        csv().replace(b",", b" , "),
        csv('"1","red","no"\n2,"blue","yes"\n3,red,no\n'),
    ],
    ids=["cut", "blank end", "blank", "crlf", "bom", "blank begin", "semicolons", "tabs", "spaces", "quotes"],
)
def test_the_ways_of_writing_it_make_no_difference(content, read) -> None:
    assert read(content, target="y").digest == read(csv(), target="y").digest


def test_gzip_makes_no_difference(read) -> None:
    assert read(gzip.compress(csv()), "a.csv.gz", target="y").digest == read(csv(), target="y").digest


def test_quoted_cells_may_hold_separators_quotes_and_line_ends(read, stored) -> None:
    read(csv('1,"a,b",no\n2,"say ""x""",yes\n3,"two\nlines",no\n'), target="y")
    assert polars.read_parquet(stored)["colour"].to_list() == ["a,b", 'say "x"', "two\nlines"]


def test_na_none_and_nan_are_values_of_a_text_column(read, stored) -> None:
    imported = read(csv("1,NA,no\n2,None,yes\n3,nan,no\n4,,no\n"), target="y")
    assert polars.read_parquet(stored)["colour"].to_list() == ["NA", "None", "nan", None]
    assert imported.columns[1].missing == 1


def test_words_that_meta_names_are_missing(read, stored) -> None:
    read(csv("NA,?,no\n2,blue,yes\n3,red,no\n"), target="y", missing=["NA", "?"])
    assert polars.read_parquet(stored)["age"].to_list() == [None, 2.0, 3.0]
    assert polars.read_parquet(stored)["colour"].to_list() == [None, "blue", "red"]


def test_a_column_without_a_name_is_called_by_its_place(read) -> None:
    imported = read(csv("0,1,no\n1,5,yes\n2,3,no\n", header=",age,y"), target="y")
    assert [column.name for column in imported.columns] == ["column_1", "age"]


def test_columns_of_one_name_are_refused(refuse) -> None:
    error = refuse(csv(header="age,age,y"), target="y")
    assert (error.pointer, error.code) == ("/file", "duplicate")
    assert '"age" more than once' in error.message


@pytest.mark.parametrize(
    ("text", "row", "cells"), [("1,red,no\n2,blue\n", 2, 2), ("1,red,no,4\n", 1, 4), ("1,red,no\n2", 2, 1)]
)
def test_a_row_of_another_length_is_refused_with_its_number(text, row, cells, refuse) -> None:
    error = refuse(csv(text), target="y")
    assert (error.pointer, error.code) == ("/file", "ragged")
    assert f"row {row} has {cells} cells and the header 3" in error.message


def test_a_quote_that_never_ends_is_refused_with_its_line(refuse) -> None:
    error = refuse(csv('1,red,no\n2,"blue,yes\n'), target="y")
    assert (error.pointer, error.code) == ("/file", "not_readable")
    assert "line 3 is no CSV" in error.message


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_a_header_alone_is_empty(text, refuse) -> None:
    assert refuse(csv(text), target="y").code == "empty"


def test_a_header_that_no_line_ends_is_empty(refuse) -> None:
    assert refuse("age,größe,y€".encode(), target="y€").code == "empty"


@pytest.mark.parametrize("content", [b"\n", b"\n\n\r\n"])
def test_line_ends_alone_are_empty(content, refuse) -> None:
    assert refuse(content, target="y").code == "empty"


def test_other_encodings_are_refused_with_the_first_such_byte(refuse) -> None:
    error = refuse("age,colour,y\n1,grün,no\n".encode("latin-1"), target="y")
    assert (error.pointer, error.code) == ("/file", "not_readable")
    assert "not UTF-8 at byte 17" in error.message


def test_a_gzip_file_cut_off_is_refused(refuse) -> None:
    error = refuse(gzip.compress(csv())[:-12], "a.csv.gz", target="y")
    assert (error.pointer, error.code) == ("/file", "not_readable")


def test_a_gzip_bomb_is_given_up_at_the_limit(refuse) -> None:
    bomb = gzip.compress(csv(ROWS * 200_000))
    error = refuse(bomb, "a.csv.gz", target="y", limits=Limits(content_bytes=1_000_000))
    assert len(bomb) < 50_000
    assert (error.pointer, error.code) == ("/file", "too_large")


@pytest.mark.parametrize(
    ("limits", "code"),
    [(Limits(rows=2), "too_large"), (Limits(columns=2), "too_large"), (Limits(cell_bytes=3), "not_readable")],
)
def test_more_than_the_limits_is_refused(limits, code, refuse) -> None:
    error = refuse(csv(), target="y", limits=limits)
    assert (error.pointer, error.code) == ("/file", code)


def test_bytes_of_zero_further_down_are_no_csv(refuse) -> None:
    assert refuse(csv(ROWS * 1000) + b"1,a\x00b,no\n", target="y").code == "unsupported_type"
