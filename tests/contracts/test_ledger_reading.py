"""Reading: pages, curves, the best trial, and what is hidden."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ledger_driver import Driver, completed, definition_of, new_trial, report
from sqlalchemy import event
from stored_studies import WINE

from service.store.changes import lock_study
from service.store.clock import database_time
from service.store.endings import stop_study
from service.store.errors import BadPage, KeyReused, StaleVersion, UnknownStudy, UnknownTrial
from service.store.leases import expire_leases
from service.store.pages import PageRequest
from service.store.reports import attempts, curve
from service.store.requests import RequestKey
from service.store.runs import release
from service.store.studies import NewStudy, StudyChanges, change_study, create_study, delete_study, set_waiting
from service.store.study_rows import list_studies, progress, study_row, study_version
from service.store.tables import DEFAULT_PROJECT_ID
from service.store.trials import best, fits_of_trial, list_trials, trial, values_of_trial


def _numbers(ledger: Driver, study_id: str, order: str, size: int, **filters: object) -> list[list[int]]:
    """The numbers on each page."""
    pages: list[list[int]] = []
    token: str | None = None
    with ledger.database.read() as connection:
        while True:
            page = list_trials(connection, study_id, PageRequest(size, order, token), **filters)  # type: ignore[arg-type]
            pages.append([row.number for row in page.items])
            token = page.next_page_token
            if token is None:
                return pages


def _valued(ledger: Driver) -> str:
    """A study with trials of the values 0.3, 0.1, 0.2, 0.1, and two without."""
    study_id = ledger.study_with_trials(6)
    run, fits = ledger.start(study_id, 5)
    ends = [completed(fit, value) for fit, value in zip(fits[:4], [0.3, 0.1, 0.2, 0.1], strict=True)]
    ledger.tick(run, 1, ended=ends)
    return study_id


@pytest.mark.parametrize(
    ("order", "pages"),
    [
        ("number", [[0, 1, 2, 3], [4, 5]]),
        ("-number", [[5, 4, 3, 2], [1, 0]]),
        ("value", [[1, 3, 2, 0], [4, 5]]),
        ("-value", [[0, 2, 3, 1], [4, 5]]),
    ],
)
def test_pages_of_trials_miss_none_and_repeat_none(ledger: Driver, order: str, pages: list[list[int]]) -> None:
    assert _numbers(ledger, _valued(ledger), order, 4) == pages


@pytest.mark.parametrize("order", ["value", "-value"])
def test_pages_go_on_among_equal_values_and_among_missing_ones(ledger: Driver, order: str) -> None:
    pages = _numbers(ledger, _valued(ledger), order, 1)
    assert sorted(number for page in pages for number in page) == [0, 1, 2, 3, 4, 5]


def test_pages_of_trials_filter_by_state(ledger: Driver) -> None:
    assert _numbers(ledger, _valued(ledger), "number", 9, states=["running", "queued"]) == [[4, 5]]


def test_a_page_token_of_another_order_is_refused(ledger: Driver) -> None:
    study_id = _valued(ledger)
    with ledger.database.read() as connection:
        token = list_trials(connection, study_id, PageRequest(1, "number")).next_page_token
        with pytest.raises(BadPage):
            list_trials(connection, study_id, PageRequest(1, "value", token))


@pytest.mark.parametrize("order", ["number", "-number", "value", "-value"])
def test_a_page_of_trials_is_read_from_an_index_without_sorting(ledger: Driver, order: str) -> None:
    study_id = _valued(ledger)
    asked: list[tuple[str, Any]] = []
    with ledger.database.read() as connection:
        page = list_trials(connection, study_id, PageRequest(2, order))
        event.listen(connection, "before_cursor_execute", lambda *of: asked.append((of[2], of[3])))
        list_trials(connection, study_id, PageRequest(1, order, page.next_page_token))
        statement, parameters = asked[0]
        if connection.dialect.name == "sqlite":
            plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all())
        else:
            # Of so few rows Postgres would rather read all and sort; this asks whether it could do without.
            for habit in ("seqscan", "bitmapscan", "sort"):
                connection.exec_driver_sql(f"SET LOCAL enable_{habit} = off")
            plan = str(connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).all())
    assert "index" in plan.lower()
    assert "sort" not in plan.lower()
    assert "temp b-tree" not in plan.lower()


def test_an_unknown_trial_says_so(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    with ledger.database.read() as connection, pytest.raises(UnknownTrial):
        trial(connection, study_id, 1)


def test_a_trial_is_read_with_its_fits_and_values(ledger: Driver) -> None:
    study_id = _valued(ledger)
    with ledger.database.read() as connection:
        row = trial(connection, study_id, 0)
        (fit,) = fits_of_trial(connection, row.id)
        assert values_of_trial(connection, row.id) == (0.3,)
    assert (row.value, row.gap, row.metrics) == (0.3, 0.1, {"accuracy": 0.3})
    assert fit.result is not None
    assert (fit.state, fit.result["value"]) == ("completed", 0.3)


def test_the_best_trial_goes_by_direction_and_then_by_number(ledger: Driver) -> None:
    study_id = _valued(ledger)
    with ledger.database.read() as connection:
        highest, lowest = best(connection, study_id, "maximize"), best(connection, study_id, "minimize")
    assert highest is not None
    assert lowest is not None
    assert (highest.number, lowest.number) == (0, 1)


def test_there_is_no_best_before_a_trial_has_ended_with_a_value(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    with ledger.database.read() as connection:
        assert best(connection, study_id, "maximize") is None


def test_a_curve_has_one_point_an_epoch_over_all_attempts(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    run, (fit,) = ledger.start(study_id, 1)
    for number, epoch in enumerate((1, 2, 3), start=1):
        ledger.tick(run, number, [report(fit, epoch, loss=1.0)])
    ledger.expire(run)
    expire_leases(ledger.database)
    second, (again,) = ledger.start(study_id, 1)
    ledger.tick(second, 1, [report(again, 2, loss=2.0)])
    with ledger.database.read() as connection:
        points = curve(connection, study_id, 0)
        tried = attempts(connection, study_id, 0)
    # The second attempt resumed after epoch 1; what the first trained from there on does not count.
    assert [(point.epoch, point.train_loss) for point in points] == [(1, 1.0), (2, 2.0)]
    assert [(one.attempt, one.first_epoch, one.last_epoch) for one in tried] == [(0, 1, 3), (1, 2, 2)]


def test_a_released_attempt_that_is_trained_again_leaves_no_epoch_twice(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    run, (fit,) = ledger.start(study_id, 1)
    ledger.tick(run, 1, [report(fit, 1)])
    release(ledger.database, run)
    second, (again,) = ledger.start(study_id, 1)
    ledger.tick(second, 1, [report(again, 1)])
    ledger.tick(second, 2, [report(again, 2)])
    with ledger.database.read() as connection:
        assert [point.epoch for point in curve(connection, study_id, 0)] == [1, 2]


def test_progress_counts_trials_by_state(ledger: Driver) -> None:
    study_id = _valued(ledger)
    with ledger.database.read() as connection:
        counted = progress(connection, [study_id])[study_id]
    assert (counted.queued, counted.running, counted.completed, counted.failed) == (1, 1, 4, 0)


def test_a_deleted_study_is_hidden_and_stopped(ledger: Driver) -> None:
    study_id, other = ledger.study_with_trials(1), ledger.study()
    run, (fit,) = ledger.start(study_id, 1)
    delete_study(ledger.database, DEFAULT_PROJECT_ID, study_id)
    with ledger.database.read() as connection:
        assert [row.id for row in list_studies(connection, DEFAULT_PROJECT_ID, PageRequest()).items] == [other]
        with pytest.raises(UnknownStudy):
            study_row(connection, DEFAULT_PROJECT_ID, study_id)
        with pytest.raises(UnknownStudy):
            study_version(connection, DEFAULT_PROJECT_ID, study_id)
    assert ledger.tick(run, 1).cancel == (fit.id,)


def test_another_projects_study_is_not_there(ledger: Driver) -> None:
    study_id = ledger.study()
    with ledger.database.read() as connection, pytest.raises(UnknownStudy):
        study_row(connection, "another", study_id)
    with pytest.raises(UnknownStudy):
        delete_study(ledger.database, "another", study_id)


def test_studies_are_listed_the_newest_first(ledger: Driver) -> None:
    created = sorted((ledger.study() for _ in range(3)), reverse=True)
    with ledger.database.read() as connection:
        first = list_studies(connection, DEFAULT_PROJECT_ID, PageRequest(2))
        second = list_studies(connection, DEFAULT_PROJECT_ID, PageRequest(2, token=first.next_page_token))
    assert [row.id for row in (*first.items, *second.items)] == created


def test_studies_are_filtered_by_state(ledger: Driver) -> None:
    stopped, _ = ledger.study(), ledger.study()
    stop_study(ledger.database, stopped, "now")
    with ledger.database.read() as connection:
        page = list_studies(connection, DEFAULT_PROJECT_ID, PageRequest(), state="stopped")
    assert [row.id for row in page.items] == [stopped]


def test_a_study_keeps_its_definition_as_it_was(ledger: Driver) -> None:
    definition = definition_of(regularizers=[{"kind": "l1", "strength": {"low": 1e-7, "high": 1e-2, "log": True}}])
    new = NewStudy(DEFAULT_PROJECT_ID, definition, WINE.id, WINE.digest, {"regtune": "0.1.0"}, {"l1": 1}, ["a warning"])
    row = create_study(ledger.database, new).row
    assert list(row.definition) == list(definition.to_json())
    assert row.definition == definition.to_json()
    assert (row.versions, row.meanings, row.warnings) == ({"regtune": "0.1.0"}, {"l1": 1}, ["a warning"])


def test_a_request_that_comes_again_makes_nothing_new(ledger: Driver) -> None:
    new = NewStudy(DEFAULT_PROJECT_ID, definition_of(), WINE.id, WINE.digest, {}, {})
    first = create_study(ledger.database, new, RequestKey("key", "digest"))
    second = create_study(ledger.database, new, RequestKey("key", "digest"))
    assert (first.reused, second.reused, second.row.id) == (False, True, first.row.id)


def test_a_key_that_comes_again_with_another_request_is_refused(ledger: Driver) -> None:
    new = NewStudy(DEFAULT_PROJECT_ID, definition_of(), WINE.id, WINE.digest, {}, {})
    create_study(ledger.database, new, RequestKey("key", "digest"))
    with pytest.raises(KeyReused):
        create_study(ledger.database, new, RequestKey("key", "another"))


def test_an_ended_study_whose_budget_is_raised_is_queued_again(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    run, (fit,) = ledger.start(study_id, 1)
    ledger.tick(run, 1, ended=[completed(fit)])
    row = change_study(ledger.database, DEFAULT_PROJECT_ID, study_id, StudyChanges(budget={"trials": 2}))
    assert (row.state, row.stop_reason, row.definition["budget"]["trials"]) == ("queued", None, 2)
    assert ledger.insert(study_id, [new_trial(1)]) == (1,)


def test_a_change_to_a_version_that_has_passed_is_refused(ledger: Driver) -> None:
    study_id = ledger.study()
    with ledger.database.write() as connection:
        known = lock_study(connection, study_id).version
    change_study(ledger.database, DEFAULT_PROJECT_ID, study_id, StudyChanges(name="one"), known)
    with pytest.raises(StaleVersion):
        change_study(ledger.database, DEFAULT_PROJECT_ID, study_id, StudyChanges(name="two"), known)
    assert ledger.study_row(study_id)["name"] == "one"


def test_why_a_study_waits_is_said_until_something_of_it_runs(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    set_waiting(ledger.database, study_id, "no worker has been seen")
    assert ledger.study_row(study_id)["waiting"] == "no worker has been seen"
    ledger.start(study_id, 1)
    assert ledger.study_row(study_id)["waiting"] is None


def test_saying_the_same_again_changes_no_version(ledger: Driver) -> None:
    study_id = ledger.study()
    set_waiting(ledger.database, study_id, "no worker has been seen")
    version = ledger.study_row(study_id)["version"]
    set_waiting(ledger.database, study_id, "no worker has been seen")
    assert ledger.study_row(study_id)["version"] == version


def test_times_are_the_databases_and_in_utc(ledger: Driver) -> None:
    study_id = ledger.study()
    created_at = ledger.study_row(study_id)["created_at"]
    with ledger.database.read() as connection:
        now = database_time(connection)
    assert created_at.tzinfo is UTC
    assert timedelta(0) <= now - created_at < timedelta(minutes=1)
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)
