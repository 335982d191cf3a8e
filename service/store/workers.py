"""Workers: they say what they are when they start, are seen while they live, and say when they stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, exists, insert, select, update

from service.store.clock import in_seconds, now
from service.store.database import Database
from service.store.errors import UnknownWorker
from service.store.ids import new_id
from service.store.tables import runs, workers


@dataclass(frozen=True, slots=True)
class NewWorker:
    """What a worker says of itself: where it runs, on which device, how many lanes, what it can train."""

    host: str
    device: str
    lanes: int
    capabilities: Mapping[str, Any]
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A worker as it is stored."""

    id: str
    host: str
    device: str
    lanes: int
    capabilities: dict[str, Any]
    versions: dict[str, str]
    started_at: datetime
    seen_at: datetime
    stopped_at: datetime | None


_COLUMNS = tuple(workers.c[field.name] for field in fields(WorkerRow))
_SEEN = (
    update(workers).where(workers.c.id == bindparam("of_worker"), workers.c.stopped_at.is_(None)).values(seen_at=now())
)
_STOPPED = update(workers).where(workers.c.id == bindparam("of_worker")).values(seen_at=now(), stopped_at=now())
_DRAIN = update(runs).where(runs.c.worker_id == bindparam("of_worker"), runs.c.state == "open").values(drain=True)


def register_worker(database: Database, new: NewWorker) -> str:
    """Writes a worker down as living, and gives its id."""
    worker_id = new_id()
    with database.write() as connection:
        connection.execute(
            insert(workers).values(
                id=worker_id,
                host=new.host,
                device=new.device,
                lanes=new.lanes,
                capabilities=dict(new.capabilities),
                versions=dict(new.versions),
                started_at=now(),
                seen_at=now(),
            )
        )
    return worker_id


def worker_seen(database: Database, worker_id: str) -> None:
    """Notes that a worker lives.

    Raises:
        UnknownWorker: there is none with that id, or it stopped.
    """
    _touch(database, _SEEN, worker_id)


def worker_stopped(database: Database, worker_id: str) -> None:
    """Notes that a worker has stopped by itself.

    Raises:
        UnknownWorker: there is none with that id.
    """
    _touch(database, _STOPPED, worker_id)


def drain_worker(database: Database, worker_id: str) -> None:
    """Asks every run of a worker to end: each next tick is answered with `drain`, and claims give nothing."""
    with database.write() as connection:
        connection.execute(_DRAIN, {"of_worker": worker_id})


def list_workers(connection: Connection, seen_within_seconds: float) -> tuple[WorkerRow, ...]:
    """The workers that have not stopped and were seen that lately, the oldest first."""
    return tuple(WorkerRow(*row) for row in connection.execute(_living(seen_within_seconds)))


def idle_workers(database: Database, seen_within_seconds: float) -> tuple[WorkerRow, ...]:
    """Those of the living workers that hold no run, to be woken."""
    busy = exists().where(runs.c.worker_id == workers.c.id, runs.c.state == "open")
    with database.read() as connection:
        return tuple(WorkerRow(*row) for row in connection.execute(_living(seen_within_seconds).where(~busy)))


def _living(seen_within_seconds: float) -> Any:
    return (
        select(*_COLUMNS)
        .where(workers.c.stopped_at.is_(None), workers.c.seen_at > in_seconds(-seen_within_seconds))
        .order_by(workers.c.id)
    )


def _touch(database: Database, statement: Any, worker_id: str) -> None:
    with database.write() as connection:
        if connection.execute(statement, {"of_worker": worker_id}).rowcount == 0:
            raise UnknownWorker(worker_id)
