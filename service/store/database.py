"""The database of a deployment: SQLite or Postgres behind one pair of transactions, and its schema's version."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError

from service.store.columns import document_text
from service.store.errors import UnsupportedDatabase

VERSION_TABLE = "regtune_alembic_version"
_BUSY_TIMEOUT_MILLISECONDS = 30_000
_MIGRATION_LOCK = 7_233_908_211
_FROM_A_WHEEL = Path(__file__).parent / "migrations"
_FROM_A_CHECKOUT = Path(__file__).parents[2] / "migrations"


@dataclass(frozen=True)
class Database:
    """An engine, opened once a process (after any fork) and shared by its threads."""

    engine: Engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection in one transaction that only reads."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection in one transaction, committed at the end and rolled back on an error.

        On SQLite it is the only writer from its first moment: a reader that became one could not wait for its turn.
        """
        with self.engine.connect().execution_options(regtune_writes=True) as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Closes every pooled connection; the next transaction opens new ones."""
        self.engine.dispose()


def open_database(url: str) -> Database:
    """The database at a URL: `sqlite:///path` (its folder is made) or `postgresql://…`. Connects at first use.

    Raises:
        UnsupportedDatabase: the URL names another kind of database, or is none.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as cause:
        raise UnsupportedDatabase from cause
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            parsed.set(drivername="sqlite"), json_serializer=document_text, pool_size=8, max_overflow=4
        )
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_on_sqlite)
        return Database(engine)
    if parsed.get_backend_name() == "postgresql":
        return Database(
            create_engine(
                parsed.set(drivername="postgresql+psycopg"),
                json_serializer=document_text,
                pool_size=8,
                max_overflow=4,
                pool_pre_ping=True,
            )
        )
    raise UnsupportedDatabase


def upgrade(database: Database) -> None:
    """Brings the schema to the newest revision; changes nothing when it is there. Any number may call it at once."""
    with database.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = '5s'"))
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
        command.upgrade(migration_config(connection), "head")


def at_head(database: Database) -> bool:
    """Whether the schema is at the newest revision that this installation knows."""
    heads = ScriptDirectory.from_config(migration_config()).get_heads()
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        return set(context.get_current_heads()) == set(heads)


def migration_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration: where the revisions are, in a wheel or a checkout, and what to run them on."""
    config = Config()
    folder = _FROM_A_WHEEL if _FROM_A_WHEEL.is_dir() else _FROM_A_CHECKOUT
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def _set_up_sqlite(connection: sqlite3.Connection, record: Any) -> None:
    # The driver begins no transactions of its own: `_begin_on_sqlite` says which kind each is.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {_BUSY_TIMEOUT_MILLISECONDS}",
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_on_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("regtune_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
