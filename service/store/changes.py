"""The study's lock, and the one way to say that a study changed.

Whoever changes anything under a study holds its row from first to last, so its versions and events commit in order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, insert, select, update

from regtune.budget import Spent, StopReason
from regtune.states import StudyState
from regtune.study.definition import Budget
from service.store.clock import now
from service.store.errors import UnknownStudy
from service.store.tables import events, projects, studies

StopMode = Literal["drain", "now"]
EventKind = Literal["study", "trials", "progress"]
"""`study`: its state, name, budget… · `trials`: states to the numbers that moved there · `progress`: nothing more."""


@dataclass(frozen=True, slots=True)
class LockedStudy:
    """A study's row as it is under the lock; `study_changed` writes what it counts back."""

    id: str
    project_id: str
    state: StudyState
    stop_mode: StopMode | None
    stop_reason: StopReason | None
    waiting: str | None
    version: int
    seed: int
    dataset_digest: str
    budget: Budget
    trials_created: int
    trials_failed: int
    epochs_run: int
    epochs_saved: int
    device_seconds: float
    space_exhausted: bool
    suggest_fence: int
    started_at: datetime | None
    locked_at: datetime

    @property
    def next_version(self) -> int:
        """The version that the study gets by the change under way; rows that change with it carry it."""
        return self.version + 1

    @property
    def spent(self) -> Spent:
        """What the study has spent so far."""
        wall = self.locked_at - self.started_at if self.started_at is not None else None
        return Spent(
            trials=self.trials_created,
            epochs=self.epochs_run,
            device_seconds=self.device_seconds,
            wall_seconds=wall.total_seconds() if wall is not None else 0.0,
            failed_trials=self.trials_failed,
        )


_COLUMNS = (
    "id",
    "project_id",
    "state",
    "stop_mode",
    "stop_reason",
    "waiting",
    "version",
    "seed",
    "dataset_digest",
    "trials_created",
    "trials_failed",
    "epochs_run",
    "epochs_saved",
    "device_seconds",
    "space_exhausted",
    "suggest_fence",
    "started_at",
)
# The key may still be shared: rows that point at the study are inserted by those who do not hold it.
_LOCK = (
    select(*(studies.c[name] for name in _COLUMNS), studies.c.budget, now().label("locked_at"))
    .where(studies.c.id == bindparam("study_id"))
    .with_for_update(key_share=True)
)
_LOCK_PROJECT = select(projects.c.id).where(projects.c.id == bindparam("project_id")).with_for_update(key_share=True)
_CARRIED = (
    "waiting",
    "trials_created",
    "trials_failed",
    "epochs_run",
    "epochs_saved",
    "device_seconds",
    "space_exhausted",
)
_WRITE = (
    update(studies)
    .where(studies.c.id == bindparam("study_id"))
    .values(version=bindparam("new_version"), **{name: bindparam(f"new_{name}") for name in _CARRIED})
)
_WARNINGS = select(studies.c.warnings).where(studies.c.id == bindparam("study_id"))
_WARN = update(studies).where(studies.c.id == bindparam("of_study")).values(warnings=bindparam("new_warnings"))
_EVENT = ("study_id", "version", "kind", "payload")
# The id is drawn once the project's row is held, so that ids of a project commit in order.
_INSERT_EVENT = insert(events).from_select(
    ["project_id", *_EVENT, "created_at"],
    select(projects.c.id, *(bindparam(f"new_{name}", type_=events.c[name].type) for name in _EVENT), now())
    .where(projects.c.id == bindparam("of_project"))
    .with_for_update(key_share=True),
)


def lock_study(connection: Connection, study_id: str) -> LockedStudy:
    """Locks the study's row until the transaction ends, and reads it.

    Raises:
        UnknownStudy: there is none with that id.
    """
    row = connection.execute(_LOCK, {"study_id": study_id}).mappings().one_or_none()
    if row is None:
        raise UnknownStudy(study_id)
    return LockedStudy(
        **{name: row[name] for name in _COLUMNS}, budget=Budget(**row["budget"]), locked_at=row["locked_at"]
    )


def study_changed(
    connection: Connection, study: LockedStudy, event_kind: EventKind, payload: Mapping[str, Any]
) -> LockedStudy:
    """Writes what the study counts and why it waits, its next version and an event; gives it with that version.

    The last statements of a change: the project is held from here to the commit, so that the ids of all its events
    commit in order, too.
    """
    changed = replace(study, version=study.next_version)
    connection.execute(
        _WRITE,
        {
            "study_id": study.id,
            "new_version": changed.version,
            **{f"new_{name}": getattr(changed, name) for name in _CARRIED},
        },
    )
    record_event(connection, study.project_id, event_kind, payload, study_id=study.id, version=changed.version)
    return changed


def add_warning(connection: Connection, study: LockedStudy, warning: str) -> None:
    """Adds to what the study's user should know, once; a change that `study_changed` is to make known."""
    said: list[str] = connection.execute(_WARNINGS, {"study_id": study.id}).scalar_one()
    if warning not in said:
        connection.execute(_WARN, {"of_study": study.id, "new_warnings": [*said, warning]})


def lock_project(connection: Connection, project_id: str) -> None:
    """Holds a project's row until the transaction ends. After a study's, never before, lest two wait for each other."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK_PROJECT, {"project_id": project_id})


def record_event(
    connection: Connection,
    project_id: str,
    kind: str,
    payload: Mapping[str, Any],
    *,
    study_id: str | None = None,
    version: int | None = None,
) -> None:
    """Writes an event of a project, in order with all its others."""
    connection.execute(
        _INSERT_EVENT,
        {
            "of_project": project_id,
            "new_study_id": study_id,
            "new_version": version,
            "new_kind": kind,
            "new_payload": dict(payload),
        },
    )
