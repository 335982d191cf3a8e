"""Workers and data sets: written down, seen, found and hidden."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ledger_driver import LEASE_SECONDS, Driver

from service.store.datasets import (
    NewDataset,
    create_dataset,
    dataset_names,
    dataset_row,
    delete_dataset,
    facts_of,
    find_dataset,
    list_datasets,
)
from service.store.errors import UnknownDataset, UnknownWorker
from service.store.pages import PageRequest
from service.store.runs import open_run
from service.store.tables import DEFAULT_PROJECT_ID
from service.store.workers import idle_workers, list_workers, worker_seen, worker_stopped

CREDIT = NewDataset(
    project_id=DEFAULT_PROJECT_ID,
    name="credit-g",
    digest="a1" * 32,
    task="classification",
    kind="table",
    shape=(20,),
    rows=1000,
    classes=("bad", "good"),
    class_counts=(300, 700),
    target="class",
    columns=[{"name": "age", "kind": "numeric"}],
    own_test=False,
    profile={},
    file="datasets/a1.parquet",
)


def test_a_worker_is_listed_until_it_stops(ledger: Driver) -> None:
    first, second = sorted([ledger.worker(), ledger.worker()])
    worker_stopped(ledger.database, first)
    with ledger.database.read() as connection:
        assert [worker.id for worker in list_workers(connection, 60.0)] == [second]


def test_a_worker_that_was_not_seen_lately_is_not_listed(ledger: Driver) -> None:
    ledger.worker()
    with ledger.database.read() as connection:
        assert list_workers(connection, -1.0) == ()


def test_a_worker_that_stopped_is_not_seen_again(ledger: Driver) -> None:
    worker_id = ledger.worker()
    worker_seen(ledger.database, worker_id)
    worker_stopped(ledger.database, worker_id)
    with pytest.raises(UnknownWorker):
        worker_seen(ledger.database, worker_id)


def test_a_worker_that_holds_a_run_is_not_idle(ledger: Driver) -> None:
    busy, idle = ledger.worker(), ledger.worker()
    open_run(ledger.database, ledger.study_with_trials(1), busy, LEASE_SECONDS)
    assert [worker.id for worker in idle_workers(ledger.database, 60.0)] == [idle]


def test_a_data_set_is_found_by_id_by_name_and_by_digest(ledger: Driver) -> None:
    first = create_dataset(ledger.database, CREDIT).row
    second = create_dataset(ledger.database, replace(CREDIT, digest="b2" * 32)).row
    assert (first.version, second.version) == (1, 2)
    with ledger.database.read() as connection:
        for reference, found in (
            (first.id, first),
            ("credit-g", second),
            (f"credit-g@{first.digest}", first),
            ("credit", None),
        ):
            assert find_dataset(connection, DEFAULT_PROJECT_ID, reference) == found
        assert dataset_names(connection, DEFAULT_PROJECT_ID) == ("credit-g",)


def test_the_same_content_is_stored_once(ledger: Driver) -> None:
    first = create_dataset(ledger.database, CREDIT)
    second = create_dataset(ledger.database, CREDIT)
    assert (first.reused, second.reused, second.row) == (False, True, first.row)


def test_the_same_content_read_another_way_is_another_version(ledger: Driver) -> None:
    create_dataset(ledger.database, CREDIT)
    assert create_dataset(ledger.database, replace(CREDIT, target="age")).row.version == 2


def test_the_facts_of_a_data_set_are_those_it_was_stored_with(ledger: Driver) -> None:
    facts = facts_of(create_dataset(ledger.database, CREDIT).row)
    assert (facts.shape, facts.rows, facts.classes, facts.class_counts) == ((20,), 1000, ("bad", "good"), (300, 700))


def test_a_deleted_data_set_is_hidden(ledger: Driver) -> None:
    row = create_dataset(ledger.database, CREDIT).row
    delete_dataset(ledger.database, DEFAULT_PROJECT_ID, row.id)
    with ledger.database.read() as connection:
        assert find_dataset(connection, DEFAULT_PROJECT_ID, "credit-g") is None
        assert list_datasets(connection, DEFAULT_PROJECT_ID, PageRequest()).items == ()
        with pytest.raises(UnknownDataset):
            dataset_row(connection, DEFAULT_PROJECT_ID, row.id)


def test_another_projects_data_set_is_not_there(ledger: Driver) -> None:
    row = create_dataset(ledger.database, CREDIT).row
    with pytest.raises(UnknownDataset):
        delete_dataset(ledger.database, "another", row.id)
    with ledger.database.read() as connection:
        assert find_dataset(connection, "another", row.id) is None


def test_data_sets_are_paged_the_newest_first(ledger: Driver) -> None:
    rows = [create_dataset(ledger.database, replace(CREDIT, digest=f"{number:064d}")).row for number in range(3)]
    newest_first = sorted((row.id for row in rows), reverse=True)
    with ledger.database.read() as connection:
        first = list_datasets(connection, DEFAULT_PROJECT_ID, PageRequest(2))
        second = list_datasets(connection, DEFAULT_PROJECT_ID, PageRequest(2, token=first.next_page_token))
    assert [row.id for row in (*first.items, *second.items)] == newest_first
