"""Trials, one for each setting tried, and their values, one for each objective."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from regtune.states import TRIAL_MOVES
from service.store.columns import Document, UtcTime, kind_check, number_columns, state_check
from service.store.tables.metadata import metadata

trials = Table(
    "trials",
    metadata,
    Column("id", Text, primary_key=True),
    Column("study_id", Text, ForeignKey("studies.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", Text, nullable=False),
    # The version that the study got when this row last changed: what a reader with an older one has missed.
    Column("version", BigInteger, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("origin", Text, nullable=False),
    Column("enqueued_by", Text),
    Column("setting", Document, nullable=False),
    Column("setting_digest", Text, nullable=False),
    Column("program_digest", Text, nullable=False),
    Column("stop", Document),
    Column("error", Document),
    *number_columns("value"),
    *number_columns("value_last"),
    *number_columns("gap"),
    Column("best_epoch", Integer),
    Column("metrics", Document),
    Column("cost", Document),
    Column("created_at", UtcTime, nullable=False),
    Column("started_at", UtcTime),
    Column("finished_at", UtcTime),
    UniqueConstraint("study_id", "number"),
    Index(None, "study_id", "state"),
    Index(None, "study_id", "value", "number"),
    Index(None, "study_id", "version"),
    state_check(TRIAL_MOVES),
    CheckConstraint("origin IN ('baseline', 'sampler', 'enqueued', 'imported')", name="origin"),
    kind_check("value"),
    kind_check("value_last"),
    kind_check("gap"),
)

trial_values = Table(
    "trial_values",
    metadata,
    Column("trial_id", Text, ForeignKey("trials.id"), primary_key=True),
    Column("objective_index", Integer, primary_key=True),
    *number_columns("value"),
    kind_check("value"),
)
