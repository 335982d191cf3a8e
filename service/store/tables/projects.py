"""Projects, the roots that everything belongs to, and the idempotency keys used in them."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table, Text

from service.store.columns import UtcTime
from service.store.tables.metadata import metadata

DEFAULT_PROJECT_ID = "0" * 26
"""The project of a deployment without keys; the first migration makes it."""

projects = Table(
    "projects",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("created_at", UtcTime, nullable=False),
    Column("deleted_at", UtcTime),
)

request_keys = Table(
    "request_keys",
    metadata,
    Column("project_id", Text, ForeignKey("projects.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_digest", Text, nullable=False),
    Column("resource_id", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)
