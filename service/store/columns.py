"""The types of columns: times in UTC, JSON documents, and floats that may not be finite."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, DateTime, Double, Integer, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from service.store.numbers import KINDS

Document = JSON(none_as_null=True)
"""A JSON document, kept as it was written: JSONB would reorder its keys and refuse some text."""

document_text = json.JSONEncoder(allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode
"""A document as it is stored."""

Counter = BigInteger().with_variant(Integer(), "sqlite")
"""A whole number that the database counts up; SQLite does so for INTEGER alone."""


class UtcTime(TypeDecorator[datetime]):
    """A moment, aware and in UTC on the Python side; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database, which on SQLite would drop an offset without applying it."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; give an aware datetime")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def number_columns(name: str) -> tuple[Column[float], Column[str]]:
    """A float that may be missing or not finite: the value, NULL unless finite, and `<name>_kind` beside it."""
    return Column(name, Double), Column(f"{name}_kind", Text)


def kind_check(name: str) -> CheckConstraint:
    """The constraint that a kind column holds one of the kinds, and that only a finite value is stored."""
    others = ", ".join(f"'{kind}'" for kind in KINDS if kind != "finite")
    return CheckConstraint(
        f"{name}_kind = 'finite' OR ({name} IS NULL AND {name}_kind IN ({others}))", name=f"{name}_kind"
    )


def state_check(states: Iterable[str]) -> CheckConstraint:
    """The constraint that `state` holds one of the states."""
    names = ", ".join(f"'{state}'" for state in states)
    return CheckConstraint(f"state IN ({names})", name="state")
