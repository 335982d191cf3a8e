"""Databases: how each is set up, and what neither lets through."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from service.store.clock import database_time, in_seconds
from service.store.database import Database, open_database
from service.store.errors import UnsupportedDatabase
from service.store.tables import DEFAULT_PROJECT_ID, events, projects


def _event(**columns: object) -> dict[str, object]:
    row = {"project_id": DEFAULT_PROJECT_ID, "kind": "test", "payload": {}, "created_at": datetime.now(UTC)}
    return {**row, **columns}


@pytest.mark.parametrize("url", ["mysql://localhost/regtune", "sqlite://"])
def test_another_kind_of_database_is_refused(url: str) -> None:
    with pytest.raises(UnsupportedDatabase):
        open_database(url)


def test_the_folder_of_an_sqlite_file_is_made(tmp_path: Path) -> None:
    open_database(f"sqlite:///{tmp_path / 'a' / 'b' / 'regtune.db'}").close()
    assert (tmp_path / "a" / "b").is_dir()


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("foreign_keys", 1), ("busy_timeout", 30000), ("synchronous", 1)]
)
def test_sqlite_is_set_up(sqlite_database: Database, pragma: str, value: object) -> None:
    with sqlite_database.read() as connection:
        assert connection.execute(text(f"PRAGMA {pragma}")).scalar_one() == value


def test_a_write_that_fails_is_rolled_back(database: Database) -> None:
    row = {"id": "1", "name": "one", "created_at": datetime.now(UTC)}
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.execute(insert(projects), [row, row])
    with database.read() as connection:
        assert connection.execute(select(projects.c.id)).scalars().all() == [DEFAULT_PROJECT_ID]


def test_a_row_that_points_nowhere_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.execute(insert(events).values(_event(project_id="nowhere")))


def test_a_document_that_is_no_json_is_refused(database: Database) -> None:
    with pytest.raises((StatementError, ValueError), match="not JSON"), database.write() as connection:
        connection.execute(insert(events).values(_event(payload={"loss": math.nan})))


def test_a_time_in_another_zone_comes_back_as_the_same_moment_in_utc(database: Database) -> None:
    noon_far_east = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=5)))
    with database.write() as connection:
        connection.execute(insert(events).values(_event(created_at=noon_far_east)))
        found = connection.execute(select(events.c.created_at)).scalar_one()
    assert (found, found.tzinfo) == (datetime(2026, 1, 1, 7, tzinfo=UTC), UTC)


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError), database.write() as connection:
        connection.execute(insert(events).values(_event(created_at=datetime(2026, 1, 1))))


@pytest.mark.parametrize("seconds", [30.0, 0.25, -1.5])
def test_seconds_are_counted_on_the_databases_clock(database: Database, seconds: float) -> None:
    with database.read() as connection:
        then = connection.execute(select(in_seconds(seconds))).scalar_one()
        assert abs((then - database_time(connection)).total_seconds() - seconds) < 0.2


def test_event_ids_are_not_given_out_again(sqlite_database: Database) -> None:
    with sqlite_database.write() as connection:
        connection.execute(insert(events).values(_event()))
        first = connection.execute(select(events.c.id)).scalar_one()
        connection.execute(events.delete())
        connection.execute(insert(events).values(_event()))
        assert connection.execute(select(events.c.id)).scalar_one() == first + 1
