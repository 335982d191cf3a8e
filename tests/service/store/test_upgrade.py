"""Migrations: the same revisions on both databases, again and again without harm, and no drift from the tables."""

from __future__ import annotations

import threading

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select

from service.store.database import VERSION_TABLE, Database, at_head, migration_config, upgrade
from service.store.tables import DEFAULT_PROJECT_ID, metadata, projects


def test_an_empty_database_is_not_at_head(empty_database: Database) -> None:
    assert not at_head(empty_database)


def test_an_upgraded_database_is_at_head(empty_database: Database) -> None:
    upgrade(empty_database)
    assert at_head(empty_database)


def test_upgrading_again_changes_nothing(empty_database: Database) -> None:
    upgrade(empty_database)
    upgrade(empty_database)
    with empty_database.read() as connection:
        assert connection.execute(select(projects.c.id)).scalars().all() == [DEFAULT_PROJECT_ID]


def test_several_may_upgrade_at_once(empty_database: Database) -> None:
    failures: list[BaseException] = []

    def run() -> None:
        try:
            upgrade(empty_database)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert at_head(empty_database)


def test_the_revisions_make_exactly_the_tables(database: Database) -> None:
    options = {"version_table": VERSION_TABLE, "compare_type": True, "compare_server_default": True}
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_alembic_check_finds_no_new_operation(database: Database) -> None:
    with database.write() as connection:
        command.check(migration_config(connection))


def test_every_constraint_has_a_name(postgres_database: Database) -> None:
    with postgres_database.read() as connection:
        inspector = inspect(connection)
        nameless = [
            table
            for table in metadata.tables
            for constraint in (
                inspector.get_pk_constraint(table),
                *inspector.get_foreign_keys(table),
                *inspector.get_unique_constraints(table),
                *inspector.get_check_constraints(table),
            )
            if not constraint["name"]
        ]
    assert nameless == []


def test_going_back_leaves_no_table(empty_database: Database) -> None:
    upgrade(empty_database)
    with empty_database.write() as connection:
        command.downgrade(migration_config(connection), "base")
    with empty_database.read() as connection:
        assert set(inspect(connection).get_table_names()) - {VERSION_TABLE, "sqlite_sequence"} == set()
