"""The digest of a data set: of what it holds, and of all that it holds."""

import numpy as np
import pytest
from polars import DataFrame, Series

from service.datasets.digests import digest_of

HEADER = {"kind": "table"}
CSV = b"age,colour,y\n1,red,no\n2,blue,yes\n3,red,no\n"


def test_it_is_known_for_a_table() -> None:
    table = DataFrame({"age": [1.0, None], "colour": ["red", None]})
    assert digest_of(HEADER, table) == "dac6c6b15023b91a22b11d17c16849c7a30781895590693f1ded529f4a461ce3"


@pytest.mark.parametrize(
    "content",
    [
        CSV.replace(b"1,red", b"1.5,red"),
        CSV.replace(b"1,red", b",red"),
        CSV.replace(b"1,red", b"1,"),
        CSV.replace(b"1,red", b"1,Red"),
        CSV.replace(b"age", b"years"),
        CSV.replace(b"yes", b"maybe"),
        CSV + b"1,red,no\n",
        b"age,colour,y\n2,blue,yes\n1,red,no\n3,red,no\n",
    ],
    ids=["number", "no number", "no text", "text", "name", "target", "row", "order"],
)
def test_whatever_is_changed_changes_it(content, read) -> None:
    assert read(content, target="y").digest != read(CSV, target="y").digest


def test_how_the_file_is_read_changes_it(read) -> None:
    digests = {
        read(CSV, target="y").digest,
        read(CSV, target="y", columns={"age": "categorical"}).digest,
        read(CSV, target="y", columns={"age": "ignore"}).digest,
        read(CSV, target="age").digest,
        read(CSV, target="age", task="regression").digest,
    }
    assert len(digests) == 5


@pytest.mark.parametrize("spelt", [b"1.0,red", b"1e0,red", b"+1,red", b'"1","red"', b"1 , red"])
def test_how_a_cell_is_spelt_does_not(spelt, read) -> None:
    assert read(CSV.replace(b"1,red", spelt), target="y").digest == read(CSV, target="y").digest


def test_what_the_data_set_is_called_does_not(read) -> None:
    assert read(CSV, target="y", name="another").digest == read(CSV, target="y").digest


def test_texts_do_not_run_into_each_other() -> None:
    assert digest_of(HEADER, [Series(["ab", "c"])]) != digest_of(HEADER, [Series(["a", "bc"])])


def test_no_text_and_an_empty_one_are_told_apart() -> None:
    assert digest_of(HEADER, [Series(["", "a"])]) != digest_of(HEADER, [Series([None, "a"])])


def test_zeros_are_zero_whatever_their_sign() -> None:
    assert digest_of(HEADER, [Series([0.0])]) == digest_of(HEADER, [Series([-0.0])])


def test_arrays_are_the_same_in_any_byte_order_and_layout() -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    assert digest_of(HEADER, [array]) == digest_of(HEADER, [np.asfortranarray(array).astype(">f4")])
