"""Events as they are read: after a cursor, in the order of their commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from service.store.tables import events

_MOST = 500


@dataclass(frozen=True, slots=True)
class Event:
    """One change; `id` is the cursor to read on from."""

    id: int
    study_id: str | None
    version: int | None
    kind: str
    payload: dict[str, Any]
    created_at: datetime


def events_of_study(connection: Connection, study_id: str, after: int, limit: int = _MOST) -> tuple[Event, ...]:
    """A study's events after a cursor (0: from the first), the oldest first."""
    return _read(connection, _EVENTS.where(events.c.study_id == study_id, events.c.id > after).limit(limit))


def events_of_project(connection: Connection, project_id: str, after: int, limit: int = _MOST) -> tuple[Event, ...]:
    """A project's events after a cursor (0: from the first), the oldest first."""
    return _read(connection, _EVENTS.where(events.c.project_id == project_id, events.c.id > after).limit(limit))


def newest_event_id(connection: Connection, project_id: str) -> int:
    """The cursor from which a project's next events are read; 0 where it has none."""
    newest = connection.execute(select(func.max(events.c.id)).where(events.c.project_id == project_id)).scalar()
    return newest or 0


_EVENTS: Select[Any] = select(
    events.c.id, events.c.study_id, events.c.version, events.c.kind, events.c.payload, events.c.created_at
).order_by(events.c.id)


def _read(connection: Connection, statement: Select[Any]) -> tuple[Event, ...]:
    return tuple(Event(*row) for row in connection.execute(statement))
