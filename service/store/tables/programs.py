"""Programs: what the lanes of a fused batch share, and how many lanes of each a worker can hold."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, Table, Text

from service.store.columns import Document
from service.store.tables.metadata import metadata

programs = Table(
    "programs",
    metadata,
    Column("study_id", Text, ForeignKey("studies.id"), primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("definition", Document, nullable=False),
    # Bound once, by the first run that trains the program.
    Column("engine", Text),
    Column("engine_reason", Text),
    CheckConstraint("engine IN ('compiled', 'eager', 'alone')", name="engine"),
)

lane_caps = Table(
    "lane_caps",
    metadata,
    Column("program_digest", Text, primary_key=True),
    Column("worker_id", Text, ForeignKey("workers.id"), primary_key=True),
    Column("cap", Integer, nullable=False),
    CheckConstraint("cap >= 1", name="cap"),
)
