"""Workers: processes that train, what they can do, and when they were last seen."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from service.store.columns import Document, UtcTime
from service.store.tables.metadata import metadata

workers = Table(
    "workers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("lanes", Integer, nullable=False),
    Column("capabilities", Document, nullable=False),
    Column("versions", Document, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("stopped_at", UtcTime),
    Index(None, "stopped_at", "seen_at"),
)
