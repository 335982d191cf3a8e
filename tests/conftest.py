"""Databases for tests: SQLite in a temporary folder, Postgres in a database that the run makes and drops."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import delete, insert, make_url

from service.store.database import Database, open_database, upgrade
from service.store.tables import DEFAULT_PROJECT_ID, metadata, projects

# Before torch is loaded: what is tested runs a process a core, each with one thread of arithmetic.
os.environ.setdefault("OMP_NUM_THREADS", "1")

POSTGRES_URL = "REGTUNE_TEST_POSTGRES_URL"
_CONNECT_SECONDS = 5


class _Server:
    """A Postgres server, and one migrated database on it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.name = self.create()
        with closing(open_database(self.url_of(self.name))) as database:
            upgrade(database)

    def create(self) -> str:
        """The name of a new database without any table."""
        name = f"regtune_test_{secrets.token_hex(6)}"
        self._run("CREATE DATABASE {}", name)
        return name

    def drop(self, name: str) -> None:
        """Drops a database, whoever is still connected."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def url_of(self, name: str) -> str:
        """The URL of a database of this server."""
        return make_url(self._url).set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: str, name: str) -> None:
        with psycopg.connect(self._url, autocommit=True, connect_timeout=_CONNECT_SECONDS) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[_Server]:
    """A Postgres server; tests that need one are skipped where none answers, except in CI, where they fail."""
    url = os.environ.get(POSTGRES_URL, "postgresql://postgres@127.0.0.1:5432/postgres")
    try:
        server = _Server(url)
    except psycopg.OperationalError as cause:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no Postgres answers at {POSTGRES_URL} or on this machine: {str(cause).splitlines()[0]}")
    yield server
    server.drop(server.name)


@pytest.fixture(scope="session")
def migrated_sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("migrated") / "regtune.db"
    with closing(open_database(f"sqlite:///{path}")) as database:
        upgrade(database)
    return path


@pytest.fixture
def sqlite_database(tmp_path: Path, migrated_sqlite_file: Path) -> Iterator[Database]:
    """A migrated SQLite database of the test's own."""
    path = tmp_path / "regtune.db"
    shutil.copyfile(migrated_sqlite_file, path)
    with closing(open_database(f"sqlite:///{path}")) as database:
        yield database


@pytest.fixture
def postgres_database(postgres_server: _Server) -> Iterator[Database]:
    """A migrated Postgres database, emptied for the next test: making one for each would cost a second."""
    with closing(open_database(postgres_server.url_of(postgres_server.name))) as database:
        yield database
        database.close()
        with database.write() as connection:
            # A test that failed may have left a transaction open elsewhere, whose locks would be waited for.
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            for table in reversed(metadata.sorted_tables):
                connection.execute(delete(table))
            connection.execute(
                insert(projects).values(id=DEFAULT_PROJECT_ID, name="default", created_at=datetime.now(UTC))
            )


@pytest.fixture
def postgres_url(postgres_server: _Server) -> Iterator[str]:
    """The URL of a Postgres database of the test's own, without any table."""
    name = postgres_server.create()
    yield postgres_server.url_of(name)
    postgres_server.drop(name)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Database:
    """A migrated database of the test's own, once on each of the two."""
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of the test's own without any table, once on each of the two."""
    if request.param == "sqlite":
        with closing(open_database(f"sqlite:///{tmp_path / 'empty.db'}")) as found:
            yield found
        return
    server: _Server = request.getfixturevalue("postgres_server")
    name = server.create()
    with closing(open_database(server.url_of(name))) as found:
        yield found
    server.drop(name)
