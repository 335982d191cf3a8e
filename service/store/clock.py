"""The database's clock: the only one that leases are measured by, so that no machine's own clock matters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Float, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from service.store.columns import UtcTime

# `statement_timestamp` and not `now`: a transaction that waited for a lock must not date its lease from before.
_SQLITE_FORMAT = "'%Y-%m-%d %H:%M:%f', 'now'"


class _Now(FunctionElement[datetime]):
    """The moment at which the statement began."""

    type = UtcTime()
    inherit_cache = True
    name = "regtune_now"


class _InSeconds(FunctionElement[datetime]):
    """The moment at which the statement began, plus seconds."""

    type = UtcTime()
    inherit_cache = True
    name = "regtune_in_seconds"


@compiles(_Now, "sqlite")
def _now_on_sqlite(element: _Now, compiler: SQLCompiler, **options: Any) -> str:
    return f"strftime({_SQLITE_FORMAT})"


@compiles(_Now, "postgresql")
def _now_on_postgres(element: _Now, compiler: SQLCompiler, **options: Any) -> str:
    return "statement_timestamp()"


@compiles(_InSeconds, "sqlite")
def _in_seconds_on_sqlite(element: _InSeconds, compiler: SQLCompiler, **options: Any) -> str:
    return f"strftime({_SQLITE_FORMAT}, printf('%+.3f seconds', {compiler.process(element.clauses, **options)}))"


@compiles(_InSeconds, "postgresql")
def _in_seconds_on_postgres(element: _InSeconds, compiler: SQLCompiler, **options: Any) -> str:
    return f"(statement_timestamp() + make_interval(secs => {compiler.process(element.clauses, **options)}))"


def now() -> ColumnElement[datetime]:
    """The database's time, as an expression."""
    return _Now()


def in_seconds(seconds: float | ColumnElement[float]) -> ColumnElement[datetime]:
    """The database's time that many seconds from now (negative: ago), as an expression."""
    return _InSeconds(literal(seconds, Float()) if isinstance(seconds, int | float) else seconds)


def database_time(connection: Connection) -> datetime:
    """The database's time, read."""
    return connection.execute(select(now())).scalar_one()
