"""Studies as they are read: whole rows, their progress, pages of them, and their bare versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from regtune.budget import StopReason
from regtune.metrics import Direction
from regtune.states import StudyState
from service.store.errors import UnknownStudy
from service.store.pages import Page, PageRequest, token_of
from service.store.tables import studies, trials


@dataclass(frozen=True, slots=True)
class StudyRow:
    """A study as it is stored; its definition is the whole resolved document."""

    id: str
    project_id: str
    parent_id: str | None
    name: str
    labels: dict[str, str]
    priority: int
    seed: int
    runner: str
    state: StudyState
    phase: str
    stop_reason: StopReason | None
    waiting: str | None
    version: int
    definition: dict[str, Any]
    definition_digest: str
    direction: Direction
    dataset_id: str
    dataset_digest: str
    versions: dict[str, str]
    warnings: list[str]
    meanings: dict[str, int]
    trials_created: int
    trials_failed: int
    epochs_run: int
    epochs_saved: int
    device_seconds: float
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How many trials of a study are in each state."""

    queued: int = 0
    running: int = 0
    completed: int = 0
    pruned: int = 0
    failed: int = 0
    cancelled: int = 0


_COLUMNS = tuple(studies.c[column.name] for column in fields(StudyRow))
_THERE = (studies.c.project_id == bindparam("project_id"), studies.c.deleted_at.is_(None))
_ONE = select(*_COLUMNS).where(studies.c.id == bindparam("study_id"), *_THERE)
_VERSION = select(studies.c.version).where(studies.c.id == bindparam("study_id"), *_THERE)
_PROGRESS = (
    select(trials.c.study_id, trials.c.state, func.count().label("trials"))
    .where(trials.c.study_id.in_(bindparam("study_ids", expanding=True)))
    .group_by(trials.c.study_id, trials.c.state)
)


def study_row(connection: Connection, project_id: str, study_id: str) -> StudyRow:
    """A study by its id.

    Raises:
        UnknownStudy: the project has none, or it was deleted.
    """
    row = connection.execute(_ONE, {"study_id": study_id, "project_id": project_id}).one_or_none()
    if row is None:
        raise UnknownStudy(study_id)
    return StudyRow(*row)


def study_version(connection: Connection, project_id: str, study_id: str) -> int:
    """A study's version alone, the cheapest way to see that nothing changed.

    Raises:
        UnknownStudy: the project has none, or it was deleted.
    """
    version: int | None = connection.execute(
        _VERSION, {"study_id": study_id, "project_id": project_id}
    ).scalar_one_or_none()
    if version is None:
        raise UnknownStudy(study_id)
    return version


def study_definition(connection: Connection, study_id: str) -> StudyRow:
    """A study by its id, in any project, for the processes that work on it.

    Raises:
        UnknownStudy: there is none with that id.
    """
    row = connection.execute(select(*_COLUMNS).where(studies.c.id == study_id)).one_or_none()
    if row is None:
        raise UnknownStudy(study_id)
    return StudyRow(*row)


def list_studies(
    connection: Connection,
    project_id: str,
    page: PageRequest,
    *,
    state: StudyState | None = None,
    name: str | None = None,
) -> Page[StudyRow]:
    """A page of a project's studies, the newest first or by `created_at`; `state` and `name` filter.

    Raises:
        BadPage: the token or the order is none of this list.
    """
    order = page.order(("-created_at", "created_at"))
    place = f"studies {order}"
    after = page.after(place, (str,))
    descending = order.startswith("-")
    statement = select(*_COLUMNS).where(studies.c.project_id == project_id, studies.c.deleted_at.is_(None))
    if state is not None:
        statement = statement.where(studies.c.state == state)
    if name is not None:
        statement = statement.where(studies.c.name == name)
    if after is not None:
        statement = statement.where(studies.c.id < after[0] if descending else studies.c.id > after[0])
    statement = statement.order_by(studies.c.id.desc() if descending else studies.c.id).limit(page.size + 1)
    rows = [StudyRow(*row) for row in connection.execute(statement)]
    shown = tuple(rows[: page.size])
    return Page(shown, token_of(place, [shown[-1].id]) if len(rows) > page.size else None)


def progress(connection: Connection, study_ids: Sequence[str]) -> Mapping[str, Progress]:
    """The progress of each study."""
    counts: dict[str, dict[str, int]] = {study_id: {} for study_id in study_ids}
    for row in connection.execute(_PROGRESS, {"study_ids": list(study_ids)}):
        counts[row.study_id][row.state] = row.trials
    return {study_id: Progress(**by_state) for study_id, by_state in counts.items()}
