"""The file store: whole files or none, on a folder and on an object store alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.store.errors import UnknownFile
from service.store.files import FileStore


@pytest.fixture(params=["folder", "object store"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    """An empty file store of either sort."""
    return FileStore(tmp_path.as_uri() if request.param == "folder" else f"memory://{tmp_path.name}")


def test_what_was_put_is_read(files: FileStore) -> None:
    files.put("datasets/a.parquet", b"rows")
    with files.open("datasets/a.parquet") as stream:
        assert stream.read() == b"rows"


def test_a_file_is_put_by_its_path(files: FileStore, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"rows")
    files.put("a.npz", source)
    assert files.local_path("a.npz").read_bytes() == b"rows"


def test_putting_again_replaces(files: FileStore) -> None:
    files.put("a", b"one")
    files.put("a", b"two")
    with files.open("a") as stream:
        assert stream.read() == b"two"


def test_what_was_never_put_is_not_there(files: FileStore) -> None:
    assert not files.exists("a")
    with pytest.raises(UnknownFile), files.open("a"):
        pass
    with pytest.raises(UnknownFile):
        files.local_path("a")


def test_what_was_deleted_is_not_there(files: FileStore) -> None:
    files.put("a", b"one")
    files.delete("a")
    files.delete("a")
    assert not files.exists("a")


@pytest.mark.parametrize("key", ["", "/a", "../a", "a/../../b"])
def test_a_key_that_leads_elsewhere_is_refused(files: FileStore, key: str) -> None:
    with pytest.raises(ValueError, match="no key"):
        files.put(key, b"")


def test_a_put_that_fails_leaves_nothing(tmp_path: Path) -> None:
    files = FileStore(tmp_path.as_uri())
    with pytest.raises(FileNotFoundError):
        files.put("a", tmp_path / "missing")
    assert list(tmp_path.iterdir()) == []
