"""Data sets in a real store, as the API would have put them there after an upload; their files are not there."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from service.store.database import Database
from service.store.datasets import DatasetRow, NewDataset, create_dataset
from service.store.tables import DEFAULT_PROJECT_ID

_TWO_CLASSES = NewDataset(
    project_id=DEFAULT_PROJECT_ID,
    name="",
    digest="",
    task="classification",
    kind="table",
    shape=(3,),
    rows=100,
    classes=("no", "yes"),
    class_counts=(50, 50),
    target="y",
    columns=[],
    own_test=False,
    profile={},
    file="datasets/none.parquet",
)


def classified_rows(database: Database, name: str, **rows_of: int) -> DatasetRow:
    """A stored table with so many rows of each class."""
    return _store(
        database,
        replace(
            _TWO_CLASSES,
            name=name,
            rows=sum(rows_of.values()),
            classes=tuple(rows_of),
            class_counts=tuple(rows_of.values()),
        ),
    )


def regressed_rows(database: Database, name: str, rows: int) -> DatasetRow:
    """A stored table with so many rows and a number for each of them."""
    return _store(
        database, replace(_TWO_CLASSES, name=name, task="regression", rows=rows, classes=None, class_counts=None)
    )


def _store(database: Database, new: NewDataset) -> DatasetRow:
    content = f"{new.name} {new.rows} {new.classes} {new.class_counts}"
    return create_dataset(database, replace(new, digest=hashlib.sha256(content.encode()).hexdigest())).row
