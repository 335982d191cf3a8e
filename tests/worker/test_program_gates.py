"""A study that searches a kind which lanes cannot use apart: its trials fall into programs, and all of them end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from stored_studies import bundled, fit_rows, new_study, state_of_study, trial_rows

from regcore.catalog import load
from service.coordinator.suggesting import Suggesting
from service.store.database import Database, open_database, upgrade
from service.store.files import FileStore
from service.store.suggestions import studies_needing_work
from service.store.workers import NewWorker, register_worker
from worker.options import WorkerOptions
from worker.run import work_on
from worker.splits import Splits
from worker.workshop import Workshop

TRIALS = 12
MOST_RUNS = 8
"""More than there are programs, of which each run trains one."""

STUDY: dict[str, Any] = {
    "model": {"kind": "mlp", "width": 8, "depth": 3},
    "training": {"epochs": 1, "batch_size": 64},
    "regularizers": [
        {"kind": "shake_shake", "gate": "search"},
        {"kind": "shake_drop", "gate": "search"},
        {"kind": "skip_connections", "gate": "search"},
    ],
    "sampler": {"kind": "random"},
    "budget": {"trials": TRIALS},
    "baselines": True,
}


@pytest.fixture(autouse=True)
def _no_lingering(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.training.LINGER_SECONDS", 0.0)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{tmp_path / 'regtune.db'}")
    upgrade(database)
    yield database
    database.close()


@pytest.fixture
def study_id(database: Database, tmp_path: Path) -> str:
    """The study above, suggested and trained to its end."""
    row = new_study(database, STUDY, bundled("wine"))
    coordinator = Suggesting(database, load(), "here", lease_seconds=30.0)
    worker_id = register_worker(database, NewWorker("here", "cpu", 4, {}, {}))
    workshop = Workshop(
        database=database,
        splits=Splits(FileStore((tmp_path / "files").as_uri())),
        catalog=load(),
        options=WorkerOptions(worker_id, "cpu", 4),
        lease_seconds=30.0,
        slice_seconds=300.0,
    )
    for work in studies_needing_work(database):
        coordinator.suggest(work, Event())
    for _ in range(MOST_RUNS):
        if state_of_study(database, row.id) != "completed":
            work_on(row.id, workshop)
    return row.id


def test_every_trial_ends_in_a_program_that_holds_what_it_uses(database: Database, study_id: str) -> None:
    assert state_of_study(database, study_id) == "completed"
    trials = trial_rows(database, study_id)
    assert [trial["state"] for trial in trials] == ["completed"] * TRIALS
    programs: dict[str, set[bool]] = {}
    for trial, fit in zip(trials, fit_rows(database, study_id), strict=True):
        programs.setdefault(fit["program_digest"], set()).add(trial["setting"]["shake_shake.gate"])
        assert not (trial["setting"]["shake_shake.gate"] and trial["setting"]["shake_drop.gate"])
    assert sorted(map(sorted, programs.values())) == [[False], [True]]
