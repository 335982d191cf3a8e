"""Fits: single training runs of a setting, which leases, reports and costs hang on."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from regtune.states import FIT_MOVES
from service.store.columns import Document, UtcTime, state_check
from service.store.tables.metadata import metadata

fits = Table(
    "fits",
    metadata,
    Column("id", Text, primary_key=True),
    Column("study_id", Text, ForeignKey("studies.id"), nullable=False),
    Column("trial_id", Text, ForeignKey("trials.id")),
    # The trial's, so that the order of claims is read from one index.
    Column("trial_number", Integer),
    Column("role", Text, nullable=False),
    Column("fold", Integer, nullable=False),
    Column("repeat", Integer, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("epochs", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("losses", Integer, nullable=False),
    Column("program_digest", Text, nullable=False),
    Column("dataset_digest", Text, nullable=False),
    Column("engine", Text),
    Column("run_id", Text, ForeignKey("runs.id")),
    Column("lane", Integer),
    Column("epoch", Integer, nullable=False),
    Column("resumed_from", Integer),
    Column("result", Document),
    Column("error", Document),
    Column("device_seconds", Double, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("started_at", UtcTime),
    Column("finished_at", UtcTime),
    ForeignKeyConstraint(["study_id", "program_digest"], ["programs.study_id", "programs.digest"]),
    UniqueConstraint("trial_id", "role", "fold", "repeat"),
    Index(None, "study_id", "state", "trial_number"),
    Index(None, "run_id", "state"),
    state_check(FIT_MOVES),
    CheckConstraint(
        "role IN ('search', 'baseline', 'confirm', 'ablation', 'interaction', 'audit', 'final')", name="role"
    ),
)
