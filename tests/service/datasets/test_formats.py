"""Which files are read at all."""

import gzip
import io

import polars
import pytest

from service.datasets import InvalidDataset, Limits

CSV = b"a,y\n1,no\n2,yes\n"
# Without the time of its packing: tests are named by their parameters, and must be named alike in every process.
GZIPPED = gzip.compress(CSV, mtime=0)


def parquet() -> bytes:
    written = io.BytesIO()
    polars.DataFrame({"a": [1.0, 2.0], "y": ["no", "yes"]}).write_parquet(written)
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "filename"),
    [(CSV, "a.csv"), (CSV, "A.CSV"), (GZIPPED, "a.csv.gz"), (parquet(), "a.parquet")],
)
def test_files_are_read_by_their_endings(content, filename, read) -> None:
    assert read(content, filename, target="y").rows == 2


@pytest.mark.parametrize("filename", ["a.xlsx", "a.txt", "a", "", "a.csv.zip", "a.parquet.gz", "../../a.pickle"])
def test_another_ending_is_an_unsupported_type(filename, refuse) -> None:
    error = refuse(CSV, filename, target="y")
    assert (error.pointer, error.code) == ("/file", "unsupported_type")
    assert ".csv, .csv.gz, .parquet, .npz" in error.message


@pytest.mark.parametrize(
    ("content", "filename", "holds"),
    [
        (parquet(), "a.csv", "Parquet"),
        (CSV, "a.parquet", "text"),
        (CSV, "a.npz", "text"),
        (CSV, "a.csv.gz", "text"),
        (GZIPPED, "a.csv", "gzip"),
        (b"PK\x03\x04rest", "a.csv", "a zip archive"),
        (b"\x89PNG\x00", "a.csv", "binary data"),
        ("a,y\n1,no\n".encode("utf-16"), "a.csv", "binary data"),
    ],
)
def test_content_that_is_not_what_the_name_says_is_an_unsupported_type(content, filename, holds, refuse) -> None:
    error = refuse(content, filename, target="y")
    assert (error.pointer, error.code) == ("/file", "unsupported_type")
    assert f"holds {holds}, not what its name says" in error.message


@pytest.mark.parametrize("filename", ["a.csv", "a.csv.gz", "a.parquet", "a.npz"])
def test_an_empty_file_is_refused(filename, refuse) -> None:
    assert refuse(b"", filename, target="y").code == "empty"


def test_a_file_of_too_many_bytes_is_too_large(refuse) -> None:
    error = refuse(CSV, target="y", limits=Limits(file_bytes=10))
    assert (error.code, error.message) == ("too_large", "the file has 15 bytes; allowed are 10")


@pytest.mark.parametrize(
    ("filename", "limits", "status"),
    [("a.xlsx", Limits(), 415), ("a.csv", Limits(file_bytes=10), 413), ("a.parquet", Limits(), 415)],
)
def test_the_kind_of_refusal_has_its_http_status(filename, limits, status, read) -> None:
    with pytest.raises(InvalidDataset) as raised:
        read(CSV, filename, limits, target="y")
    assert raised.value.status == status
