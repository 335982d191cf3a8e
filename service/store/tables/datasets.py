"""Data sets that were uploaded, a row for each version of a name. Bundled ones have none: the catalogue knows them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from service.store.columns import Document, UtcTime, state_check
from service.store.tables.metadata import metadata

datasets = Table(
    "datasets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("project_id", Text, ForeignKey("projects.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("shape", Document, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("classes", Document),
    Column("class_counts", Document),
    Column("target", Text),
    Column("columns", Document, nullable=False),
    Column("own_test", Boolean, nullable=False),
    Column("profile", Document, nullable=False),
    Column("file", Text),
    Column("error", Document),
    Column("created_at", UtcTime, nullable=False),
    Column("deleted_at", UtcTime),
    UniqueConstraint("project_id", "name", "version"),
    Index(None, "project_id", "digest"),
    state_check(("importing", "ready", "failed")),
)
