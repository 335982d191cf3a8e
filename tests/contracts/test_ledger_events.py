"""Events and versions: none is skipped, and none commits before an earlier one."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from ledger_driver import Driver, completed, new_trial, report

from service.store.endings import stop_study
from service.store.events import events_of_project, events_of_study, newest_event_id
from service.store.suggestions import insert_trials
from service.store.tables import DEFAULT_PROJECT_ID
from service.store.trials import history


def test_each_event_of_a_study_carries_the_next_version(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(3)
    run, fits = ledger.start(study_id, 2)
    ledger.tick(run, 1, [report(fit, 1) for fit in fits], [completed(fits[0])])
    stop_study(ledger.database, study_id, "now")
    events = ledger.events(study_id)
    assert [event["version"] for event in events] == list(range(1, len(events) + 1))
    assert ledger.study_row(study_id)["version"] == len(events)


def test_events_name_the_states_that_were_moved_to(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    run, (fit,) = ledger.start(study_id, 1)
    ledger.tick(run, 1, [report(fit, 1)], [completed(fit)])
    assert [(event["kind"], event["payload"]) for event in ledger.events(study_id)] == [
        ("study", {"state": "queued"}),
        ("trials", {"queued": [0, 1]}),
        ("trials", {"running": [0]}),
        ("study", {"state": "running"}),
        ("trials", {"completed": [0]}),
        ("progress", {}),
    ]


def test_a_tick_without_an_end_is_one_event_without_a_payload(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    run, (fit,) = ledger.start(study_id, 1)
    before = newest(ledger)
    ledger.tick(run, 1, [report(fit, 1)])
    with ledger.database.read() as connection:
        (event,) = events_of_study(connection, study_id, before)
    assert (event.kind, event.payload) == ("progress", {})


def test_a_reader_of_a_projects_events_misses_none_while_many_write(ledger: Driver) -> None:
    studies = [ledger.study(budget={"trials": 20}) for _ in range(3)]
    fences = [ledger.lease(study_id).fence for study_id in studies]
    written = threading.Event()
    seen: list[int] = []

    def read() -> None:
        done = False
        while not done:
            done = written.is_set()
            with ledger.database.read() as connection:
                found = events_of_project(connection, DEFAULT_PROJECT_ID, seen[-1] if seen else 0)
            seen.extend(event.id for event in found)

    def write(which: int) -> None:
        for number in range(20):
            insert_trials(ledger.database, studies[which], fences[which], [new_trial(number)])

    reader = threading.Thread(target=read)
    reader.start()
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(write, range(3)))
    written.set()
    reader.join()
    stored = sorted(event["id"] for study_id in studies for event in ledger.events(study_id))
    assert seen == stored


def test_a_cursor_reads_on_where_it_stopped(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    with ledger.database.read() as connection:
        (first,) = events_of_study(connection, study_id, 0, limit=1)
        rest = events_of_study(connection, study_id, first.id)
    assert [first.kind, *(event.kind for event in rest)] == ["study", "trials"]


def test_history_since_a_version_gives_the_trials_that_changed(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(4)
    run, fits = ledger.start(study_id, 2)
    known = history(ledger.database, study_id)
    assert [trial.number for trial in known.trials] == [0, 1, 2, 3]
    ledger.tick(run, 1, [report(fit, 1) for fit in fits], [completed(fits[1], 0.25)])
    (changed,) = history(ledger.database, study_id, known.version).trials
    assert (changed.number, changed.state, changed.value) == (1, "completed", 0.25)


def test_history_since_the_present_version_is_empty(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(4)
    assert history(ledger.database, study_id, history(ledger.database, study_id).version).trials == ()


def newest(ledger: Driver) -> int:
    """The newest event's id."""
    with ledger.database.read() as connection:
        return newest_event_id(connection, DEFAULT_PROJECT_ID)
