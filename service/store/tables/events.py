"""Events: what changed, in the order in which it was committed."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text

from service.store.columns import Counter, Document, UtcTime
from service.store.tables.metadata import metadata

events = Table(
    "events",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("project_id", Text, ForeignKey("projects.id"), nullable=False),
    Column("study_id", Text, ForeignKey("studies.id")),
    Column("version", BigInteger),
    Column("kind", Text, nullable=False),
    Column("payload", Document, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Index(None, "project_id", "id"),
    Index(None, "study_id", "id"),
    # Without it SQLite would give the id of a deleted last row out again, and cursors would miss it.
    sqlite_autoincrement=True,
)
