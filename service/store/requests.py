"""Idempotency keys: a request that comes again is answered with what it made the first time."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from service.store.clock import now
from service.store.errors import KeyReused
from service.store.tables import request_keys


@dataclass(frozen=True, slots=True)
class RequestKey:
    """A client's key, and a digest of the request (path and body) that it stands for."""

    key: str
    request_digest: str


def recall(connection: Connection, project_id: str, key: RequestKey | None) -> str | None:
    """The id of what the request made when it came before, or None when it is new or has no key.

    Who makes something when it is new holds the project's row, so that two that come at once wait for each other.

    Raises:
        KeyReused: the key came before with another request.
    """
    if key is None:
        return None
    row = connection.execute(
        select(request_keys.c.request_digest, request_keys.c.resource_id).where(
            request_keys.c.project_id == project_id, request_keys.c.key == key.key
        )
    ).one_or_none()
    if row is None:
        return None
    if row.request_digest != key.request_digest:
        raise KeyReused(key.key)
    made: str = row.resource_id
    return made


def remember(connection: Connection, project_id: str, key: RequestKey | None, resource_id: str) -> None:
    """Notes what a request made, in the transaction that makes it."""
    if key is not None:
        connection.execute(
            insert(request_keys).values(
                project_id=project_id,
                key=key.key,
                request_digest=key.request_digest,
                resource_id=resource_id,
                created_at=now(),
            )
        )
