"""Reports: what one epoch of one fit's attempt came to."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Double, ForeignKey, Integer, Table, Text

from service.store.columns import Document, UtcTime, kind_check, number_columns
from service.store.tables.metadata import metadata

reports = Table(
    "reports",
    metadata,
    Column("fit_id", Text, ForeignKey("fits.id"), primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("epoch", Integer, primary_key=True),
    *number_columns("train_loss"),
    *number_columns("validation_loss"),
    *number_columns("objective"),
    Column("metrics", Document),
    Column("device_seconds", Double, nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("reported_at", UtcTime, nullable=False),
    kind_check("train_loss"),
    kind_check("validation_loss"),
    kind_check("objective"),
    CheckConstraint("epoch >= 1", name="epoch"),
)
