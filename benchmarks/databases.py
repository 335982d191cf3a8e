"""Databases of a benchmark's own: SQLite in a folder, and one on a Postgres server that is dropped afterwards."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from service.store.database import Database, open_database, upgrade

POSTGRES_URL = "REGTUNE_TEST_POSTGRES_URL"
_DEFAULT_URL = "postgresql://postgres@127.0.0.1:5432/postgres"
_CONNECT_SECONDS = 5


@contextmanager
def sqlite(folder: Path) -> Iterator[Database]:
    """A migrated SQLite database in a folder."""
    with closing(open_database(f"sqlite:///{folder / 'regtune.db'}")) as database:
        upgrade(database)
        yield database


@contextmanager
def postgres() -> Iterator[Database]:
    """A migrated database on the Postgres server that the environment names, or on this machine's.

    Raises:
        psycopg.OperationalError: no server answers.
    """
    url = os.environ.get(POSTGRES_URL, _DEFAULT_URL)
    name = f"regtune_benchmark_{secrets.token_hex(6)}"
    _run(url, "CREATE DATABASE {}", name)
    try:
        own = make_url(url).set(database=name).render_as_string(hide_password=False)
        with closing(open_database(own)) as database:
            upgrade(database)
            yield database
    finally:
        _run(url, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _run(url: str, statement: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True, connect_timeout=_CONNECT_SECONDS) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
