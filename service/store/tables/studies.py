"""Studies: the question, where it stands, what it has spent, and who suggests for it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Double, ForeignKey, Index, Integer, Table, Text

from regtune.states import STUDY_MOVES
from service.store.columns import Document, UtcTime, state_check
from service.store.tables.metadata import metadata

studies = Table(
    "studies",
    metadata,
    Column("id", Text, primary_key=True),
    Column("project_id", Text, ForeignKey("projects.id"), nullable=False),
    Column("parent_id", Text, ForeignKey("studies.id")),
    Column("name", Text, nullable=False),
    Column("labels", Document, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("runner", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("stop_mode", Text),
    Column("stop_reason", Text),
    Column("waiting", Text),
    Column("version", BigInteger, nullable=False),
    Column("definition", Document, nullable=False),
    Column("definition_digest", Text, nullable=False),
    # A copy of the definition's, so that no tick parses the definition.
    Column("budget", Document, nullable=False),
    Column("direction", Text, nullable=False),
    # An uploaded data set's id or a bundled one's name, hence no foreign key.
    Column("dataset_id", Text, nullable=False),
    Column("dataset_digest", Text, nullable=False),
    Column("versions", Document, nullable=False),
    Column("warnings", Document, nullable=False),
    Column("meanings", Document, nullable=False),
    Column("trials_created", Integer, nullable=False),
    Column("trials_failed", Integer, nullable=False),
    Column("epochs_run", BigInteger, nullable=False),
    Column("epochs_saved", BigInteger, nullable=False),
    Column("device_seconds", Double, nullable=False),
    Column("space_exhausted", Boolean, nullable=False),
    Column("suggest_owner", Text),
    Column("suggest_fence", BigInteger, nullable=False),
    Column("suggest_lease_until", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("started_at", UtcTime),
    Column("finished_at", UtcTime),
    Column("deleted_at", UtcTime),
    Index(None, "project_id", "id"),
    Index(None, "state"),
    Index(None, "dataset_id"),
    state_check(STUDY_MOVES),
    CheckConstraint("stop_mode IN ('drain', 'now')", name="stop_mode"),
)
