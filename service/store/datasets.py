"""Data sets that were uploaded: stored once by content, found by id, by name or by name and digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, func, insert, select, update

from regtune.dataset import DatasetFacts, Inputs, Task
from service.store.changes import lock_project, record_event
from service.store.clock import now
from service.store.database import Database
from service.store.errors import UnknownDataset
from service.store.ids import new_id
from service.store.pages import Page, PageRequest, token_of
from service.store.requests import RequestKey, recall, remember
from service.store.tables import datasets

DatasetState = Literal["importing", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class NewDataset:
    """A data set that was parsed and profiled; `file` is its key in the file store."""

    project_id: str
    name: str
    digest: str
    task: Task
    kind: Inputs
    shape: tuple[int, ...]
    rows: int
    classes: tuple[str, ...] | None
    class_counts: tuple[int, ...] | None
    target: str | None
    columns: Any
    own_test: bool
    profile: Mapping[str, Any]
    file: str


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """A stored data set: one version of a name."""

    id: str
    project_id: str
    name: str
    version: int
    digest: str
    state: DatasetState
    task: Task
    kind: Inputs
    shape: tuple[int, ...]
    rows: int
    classes: tuple[str, ...] | None
    class_counts: tuple[int, ...] | None
    target: str | None
    columns: Any
    own_test: bool
    profile: dict[str, Any]
    file: str | None
    error: dict[str, Any] | None
    created_at: datetime
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredDataset:
    """A data set, and whether it was there before the request."""

    row: DatasetRow
    reused: bool


def create_dataset(database: Database, new: NewDataset, key: RequestKey | None = None) -> StoredDataset:
    """Stores a data set as the newest version of its name; the same content under the same name is stored once.

    Raises:
        KeyReused: the key came before with another request.
    """
    with database.write() as connection:
        lock_project(connection, new.project_id)
        known = recall(connection, new.project_id, key) or _same(connection, new)
        if known is not None:
            return StoredDataset(dataset_row(connection, new.project_id, known), reused=True)
        newest = connection.execute(
            select(func.max(datasets.c.version)).where(*_named(new.project_id, new.name))
        ).scalar()
        dataset_id = new_id()
        connection.execute(
            insert(datasets).values(
                id=dataset_id,
                project_id=new.project_id,
                name=new.name,
                version=(newest or 0) + 1,
                digest=new.digest,
                state="ready",
                task=new.task,
                kind=new.kind,
                shape=list(new.shape),
                rows=new.rows,
                classes=None if new.classes is None else list(new.classes),
                class_counts=None if new.class_counts is None else list(new.class_counts),
                target=new.target,
                columns=new.columns,
                own_test=new.own_test,
                profile=dict(new.profile),
                file=new.file,
                created_at=now(),
            )
        )
        remember(connection, new.project_id, key, dataset_id)
        record_event(connection, new.project_id, "dataset", {"id": dataset_id, "state": "ready"})
        return StoredDataset(dataset_row(connection, new.project_id, dataset_id), reused=False)


def dataset_row(connection: Connection, project_id: str, dataset_id: str) -> DatasetRow:
    """A data set by its id.

    Raises:
        UnknownDataset: the project has none, or it was deleted.
    """
    row = connection.execute(select(datasets).where(datasets.c.id == dataset_id, *_there(project_id))).mappings()
    found = row.one_or_none()
    if found is None:
        raise UnknownDataset(dataset_id)
    return dataset_of(found)


def find_dataset(connection: Connection, project_id: str, reference: str) -> DatasetRow | None:
    """The data set that a study refers to: by id, by `name@digest`, or the newest version of a name."""
    name, _, digest = reference.rpartition("@")
    for condition in (
        datasets.c.id == reference,
        datasets.c.name == reference,
        (datasets.c.name == name) & (datasets.c.digest == digest),
    ):
        found = (
            connection.execute(
                select(datasets).where(condition, *_there(project_id)).order_by(datasets.c.version.desc()).limit(1)
            )
            .mappings()
            .one_or_none()
        )
        if found is not None:
            return dataset_of(found)
    return None


def dataset_names(connection: Connection, project_id: str) -> tuple[str, ...]:
    """The names of a project's data sets, in alphabetical order."""
    return tuple(
        connection.execute(
            select(datasets.c.name).where(*_there(project_id)).distinct().order_by(datasets.c.name)
        ).scalars()
    )


def list_datasets(
    connection: Connection, project_id: str, page: PageRequest, name: str | None = None
) -> Page[DatasetRow]:
    """A page of a project's data sets, all versions, the newest first or by `created_at`; `name` filters.

    Raises:
        BadPage: the token or the order is none of this list.
    """
    order = page.order(("-created_at", "created_at"))
    place = f"datasets {order}"
    after = page.after(place, (str,))
    descending = order.startswith("-")
    statement = select(datasets).where(*_there(project_id))
    if name is not None:
        statement = statement.where(datasets.c.name == name)
    if after is not None:
        statement = statement.where(datasets.c.id < after[0] if descending else datasets.c.id > after[0])
    statement = statement.order_by(datasets.c.id.desc() if descending else datasets.c.id).limit(page.size + 1)
    rows = [dataset_of(row) for row in connection.execute(statement).mappings()]
    more = len(rows) > page.size
    shown = tuple(rows[: page.size])
    return Page(shown, token_of(place, [shown[-1].id]) if more else None)


def delete_dataset(database: Database, project_id: str, dataset_id: str) -> None:
    """Hides a data set. Studies that were made with it keep reading its file.

    Raises:
        UnknownDataset: the project has none, or it was deleted.
    """
    with database.write() as connection:
        deleted = connection.execute(
            update(datasets).where(datasets.c.id == dataset_id, *_there(project_id)).values(deleted_at=now())
        )
        if deleted.rowcount == 0:
            raise UnknownDataset(dataset_id)
        record_event(connection, project_id, "dataset", {"id": dataset_id, "state": "deleted"})


def facts_of(row: DatasetRow) -> DatasetFacts:
    """What a study needs to know of a stored data set."""
    return DatasetFacts(
        id=row.id,
        name=row.name,
        digest=row.digest,
        task=row.task,
        kind=row.kind,
        shape=row.shape,
        rows=row.rows,
        classes=row.classes,
        class_counts=row.class_counts,
        own_test=row.own_test,
        warnings=tuple(row.profile.get("warnings", ())),
    )


def dataset_of(columns: Mapping[Any, Any]) -> DatasetRow:
    """The row that a query of all columns gave."""
    lists = {
        name: None if columns[name] is None else tuple(columns[name]) for name in ("shape", "classes", "class_counts")
    }
    return DatasetRow(**{**columns, **lists})


def _same(connection: Connection, new: NewDataset) -> str | None:
    """The id of the newest version of the name, if it holds the same content, read the same way."""
    newest = connection.execute(
        select(datasets.c.id, datasets.c.digest, datasets.c.columns, datasets.c.target, datasets.c.task)
        .where(*_named(new.project_id, new.name), datasets.c.deleted_at.is_(None))
        .order_by(datasets.c.version.desc())
        .limit(1)
    ).one_or_none()
    if newest is None or (newest.digest, newest.columns, newest.target, newest.task) != (
        new.digest,
        new.columns,
        new.target,
        new.task,
    ):
        return None
    found: str = newest.id
    return found


def _there(project_id: str) -> tuple[Any, ...]:
    return datasets.c.project_id == project_id, datasets.c.deleted_at.is_(None)


def _named(project_id: str, name: str) -> tuple[Any, ...]:
    return datasets.c.project_id == project_id, datasets.c.name == name
