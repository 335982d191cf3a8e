"""What the tests of the HTTP API share: the application on a database and a folder of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from answers import errors_of
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from service.api.app import create_app
from service.store.database import Database, open_database
from service.store.files import FileStore
from service.store.settings import Settings
from service.store.tables import metadata

ADDRESS = "http://127.0.0.1:8000"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of a deployment in the test's own folder, with nothing taken from the environment."""
    return Settings.from_environment({"REGTUNE_DATA": str(tmp_path / "data")}, tmp_path)


@pytest.fixture
def files(settings: Settings) -> FileStore:
    """The files of the deployment."""
    return FileStore(settings.store_url)


@pytest.fixture
def application(files: FileStore, settings: Settings) -> Callable[[Database], FastAPI]:
    """The application on a database."""
    return lambda database: create_app(database, files, settings)


@pytest.fixture
def client_of(application: Callable[[Database], FastAPI]) -> Iterator[Callable[[Database], TestClient]]:
    """A client of the application on a database."""
    with ExitStack() as open_clients:
        yield lambda database: open_clients.enter_context(TestClient(application(database), base_url=ADDRESS))


@pytest.fixture(scope="session")
def warm_application(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """An application that tests take one after the other, each on its own database: to build one costs 40 ms."""
    folder = tmp_path_factory.mktemp("application")
    settings = Settings.from_environment({"REGTUNE_DATA": str(folder)}, folder)
    return create_app(open_database(settings.database_url), FileStore(settings.store_url), settings)


@pytest.fixture
def warm_client(
    warm_application: FastAPI, files: FileStore, settings: Settings
) -> Iterator[Callable[[Database], TestClient]]:
    """A client of the application that is there already, on a database."""
    surroundings = warm_application.state.surroundings
    with TestClient(warm_application, base_url=ADDRESS) as only:

        def on(database: Database) -> TestClient:
            warm_application.state.surroundings = replace(
                surroundings, database=database, files=files, uploads=settings.data / "uploads"
            )
            return only

        yield on
    warm_application.state.surroundings = surroundings


@pytest.fixture
def client(warm_client: Callable[[Database], TestClient], sqlite_database: Database) -> TestClient:
    """A client of the application on SQLite; the database is the fixture `sqlite_database`."""
    return warm_client(sqlite_database)


@pytest.fixture
def client_on_either(warm_client: Callable[[Database], TestClient], database: Database) -> TestClient:
    """A client of the application, once on SQLite and once on Postgres; the database is the fixture `database`."""
    return warm_client(database)


@pytest.fixture
def stored_rows(sqlite_database: Database) -> Callable[[], dict[str, int]]:
    """How many rows each table of `sqlite_database` has."""

    def counted() -> dict[str, int]:
        with sqlite_database.read() as connection:
            return {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in metadata.sorted_tables
            }

    return counted


@pytest.fixture
def refused(
    client: TestClient, stored_rows: Callable[[], dict[str, int]]
) -> Callable[[Mapping[str, Any]], list[tuple[str, str]]]:
    """The place and the code of each error of a study that is refused, and of which nothing is stored."""

    def errors(study: Mapping[str, Any]) -> list[tuple[str, str]]:
        before = stored_rows()
        found = errors_of(client.post("/api/v1/studies", json=dict(study), headers={"Idempotency-Key": "once"}))
        assert stored_rows() == before
        return found

    return errors
