"""Runs: one worker's lease on lanes of one program of one study."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Double, ForeignKey, Index, Integer, Table, Text

from service.store.columns import UtcTime, state_check
from service.store.tables.metadata import metadata

runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("study_id", Text, ForeignKey("studies.id"), nullable=False),
    Column("program_digest", Text),
    Column("worker_id", Text, ForeignKey("workers.id"), nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("lease_seconds", Double, nullable=False),
    Column("lease_until", UtcTime, nullable=False),
    Column("tick", BigInteger, nullable=False),
    # What fits that lost two workers or more share with each other alone, and how many of them at once; NULL: no limit.
    Column("losses", Integer),
    Column("lane_limit", Integer),
    Column("drain", Boolean, nullable=False),
    Column("progress_at", UtcTime),
    Column("checkpointed_at", UtcTime),
    Column("opened_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
    Index(None, "state", "lease_until"),
    Index(None, "worker_id", "state"),
    Index(None, "study_id", "state"),
    state_check(("open", "closed", "lost")),
)
