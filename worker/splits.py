"""Prepared data: the rows of a data set, checked, split and turned into tensors, kept for the next run on the same."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Hashable
from pathlib import Path

from regcore.data import DataError, Rows, Split, load_bundled, prepare, read_rows, split_rows
from regtune.dataset import DatasetFacts
from regtune.seeds import split_seed, test_seed
from regtune.study import StudyDefinition
from service.store.datasets import DatasetRow
from service.store.errors import UnknownFile
from service.store.files import FileStore

_KEPT = 4


class DatasetUnusable(Exception):
    """The rows of a data set cannot be read, or are not those that the study was made for."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"the data set {name!r} cannot be used: {reason}")


class Splits:
    """The splits that a process prepared last, at most four: each holds its rows as tensors."""

    def __init__(self, files: FileStore) -> None:
        self._files = files
        self._kept: OrderedDict[Hashable, Split] = OrderedDict()

    def of(self, definition: StudyDefinition, facts: DatasetFacts, stored: DatasetRow | None) -> Split:
        """The training and validation rows of a study; `stored` is None for a bundled data set.

        Raises:
            DatasetUnusable: the file is gone, is not the one that was uploaded, or makes no such split.
            OSError: the file store cannot be reached.
        """
        key = (facts.id, facts.digest, definition.split, definition.seed)
        if key not in self._kept:
            self._kept[key] = self._prepared(definition, facts, stored)
        self._kept.move_to_end(key)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]

    def _prepared(self, definition: StudyDefinition, facts: DatasetFacts, stored: DatasetRow | None) -> Split:
        shares = definition.split
        try:
            rows = load_bundled(facts.name) if stored is None else self._read(stored)
            indices = split_rows(
                rows,
                validation=shares.validation,
                test=shares.test,
                stratify=shares.stratify,
                test_seed=test_seed(facts.digest, shares.test),
                split_seed=split_seed(definition.seed),
            )
            return prepare(rows, indices)
        except DataError as error:
            raise DatasetUnusable(facts.name, str(error)) from error

    def _read(self, stored: DatasetRow) -> Rows:
        return read_rows(
            self._checked_file(stored),
            kind=stored.kind,
            columns=stored.columns,
            target=stored.target,
            task=stored.task,
            classes=stored.classes,
        )

    def _checked_file(self, stored: DatasetRow) -> Path:
        try:
            path = self._files.local_path(stored.file or "")
        except UnknownFile as error:
            raise DatasetUnusable(stored.name, "its file is not in the file store any more") from error
        with path.open("rb") as opened:
            found = hashlib.file_digest(opened, "sha256").hexdigest()
        written = stored.profile["file"]["sha256"]
        if found != written:
            raise DatasetUnusable(
                stored.name, f"its file has the SHA-256 {found}, and had {written} when it was written"
            )
        return path
