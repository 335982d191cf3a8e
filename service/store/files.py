"""The file store: data sets, checkpoints and models under keys, in a folder or in any store that fsspec knows."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

import fsspec
from fsspec.implementations.local import LocalFileSystem

from service.store.errors import UnknownFile, UnsupportedStore
from service.store.ids import new_id


class FileStore:
    """Files by key (`datasets/<digest>.parquet`) under one URL: `file://…`, `s3://…` or a plain path.

    A file is there whole or not at all: it is written aside and renamed. Keys are made by the service, never by users.
    """

    def __init__(self, url: str) -> None:
        """Raises UnsupportedStore where the URL is none, or its kind needs a package that is not installed."""
        try:
            self._files, root = fsspec.core.url_to_fs(url)
        except (ImportError, ValueError) as cause:
            raise UnsupportedStore(cause) from cause
        self._root = str(root).rstrip("/")
        self._is_local = isinstance(self._files, LocalFileSystem)

    def put(self, key: str, content: Path | bytes) -> None:
        """Stores a file's or the bytes' content under a key, over what was there."""
        target = self._path(key)
        if not self._is_local:
            # An object store shows an object only when its upload is complete.
            self._write(target, content)
            return
        aside = f"{target}.{new_id()}.part"
        self._files.makedirs(str(PurePosixPath(target).parent), exist_ok=True)
        try:
            self._write(aside, content)
            _sync(aside)
            os.replace(aside, target)
            _sync(str(PurePosixPath(target).parent))
        except BaseException:
            Path(aside).unlink(missing_ok=True)
            raise

    @contextmanager
    def open(self, key: str) -> Iterator[IO[bytes]]:
        """The file, to be read.

        Raises:
            UnknownFile: nothing is stored under the key.
        """
        try:
            opened = self._files.open(self._path(key), "rb")
        except FileNotFoundError as cause:
            raise UnknownFile(key) from cause
        with opened as stream:
            yield stream

    def exists(self, key: str) -> bool:
        """Whether something is stored under the key."""
        return bool(self._files.exists(self._path(key)))

    def delete(self, key: str) -> None:
        """Removes what is stored under the key, if anything."""
        if self.exists(key):
            self._files.rm(self._path(key))

    def local_path(self, key: str) -> Path:
        """The file as one on this machine; one from an object store is fetched once and kept in the temporary folder.

        Only for keys whose content never changes, as those that hold a digest.

        Raises:
            UnknownFile: nothing is stored under the key.
        """
        if self._is_local:
            path = Path(self._path(key))
            if not path.is_file():
                raise UnknownFile(key)
            return path
        name = hashlib.sha256(f"{self._root}/{key}".encode()).hexdigest()
        kept = Path(tempfile.gettempdir()) / f"regtune-files-{os.getuid()}" / (name + PurePosixPath(key).suffix)
        if not kept.is_file():
            kept.parent.mkdir(mode=0o700, exist_ok=True)
            aside = kept.with_name(f"{kept.name}.{new_id()}.part")
            with self.open(key) as source, aside.open("wb") as target:
                shutil.copyfileobj(source, target)
            aside.replace(kept)
        return kept

    def _path(self, key: str) -> str:
        parts = PurePosixPath(key).parts
        if not parts or key.startswith("/") or ".." in parts:
            raise ValueError(f"{key!r} is no key: a relative path without '..'")
        return f"{self._root}/{key}"

    def _write(self, path: str, content: Path | bytes) -> None:
        with self._files.open(path, "wb") as target:
            if isinstance(content, bytes):
                target.write(content)
            else:
                with content.open("rb") as source:
                    shutil.copyfileobj(source, target)


def _sync(path: str) -> None:
    """Makes sure that a file or a folder's entries survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
