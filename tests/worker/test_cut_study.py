"""A study of real networks whose pruner cuts trials: the same best for fewer epochs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from stored_studies import bundled, definition_of, new_study, queue_trials, report_rows, study_row_of, trial_rows

from regcore.catalog import load
from service.store.database import Database, open_database, upgrade
from service.store.files import FileStore
from service.store.trials import best
from service.store.workers import NewWorker, register_worker
from worker.options import WorkerOptions
from worker.run import work_on
from worker.splits import Splits
from worker.workshop import Workshop

EPOCHS = 8
TRIALS = 8
LANES = 4
ASHA = {"kind": "asha", "min_epochs": 2, "reduction_factor": 2, "spare_improving": False}
MEDIAN = {"kind": "median", "startup_trials": 3, "warmup_epochs": 2, "spare_improving": False}
DOCUMENT: dict[str, Any] = {
    "dataset": "digits-table",
    "model": {"kind": "mlp", "width": 16, "depth": 1},
    "training": {"epochs": EPOCHS, "optimizer": {"kind": "adamw", "learning_rate": {"low": 1e-4, "high": 1e-1}}},
    "regularizers": [{"kind": "dropout", "rate": {"low": 0.0, "high": 0.8}}],
    "budget": {"trials": TRIALS},
}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{tmp_path / 'regtune.db'}")
    upgrade(database)
    yield database
    database.close()


def drawn_settings() -> list[dict[str, Any]]:
    draws = random.Random(0)
    return [
        {"training.optimizer.learning_rate": 10 ** draws.uniform(-4, -1), "dropout.rate": draws.uniform(0, 0.8)}
        for _ in range(TRIALS)
    ]


def trained(database: Database, files: Path, pruner: dict[str, Any] | None) -> str:
    """A study of the settings above, trained to its end; gives its id."""
    row = new_study(database, {**DOCUMENT, "pruner": pruner}, bundled("digits-table"))
    queue_trials(database, row.id, definition_of(database, row.id), drawn_settings())
    worker_id = register_worker(database, NewWorker("here", "cpu", LANES, {}, {}))
    options = WorkerOptions(worker_id, "cpu", LANES)
    splits = Splits(FileStore((files / "files").as_uri()))
    work_on(row.id, Workshop(database, splits, load(), options, lease_seconds=30.0, slice_seconds=300.0))
    return row.id


@pytest.fixture(autouse=True)
def _no_lingering(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.training.LINGER_SECONDS", 0.0)


def best_value(database: Database, study_id: str) -> float | None:
    with database.read() as connection:
        found = best(connection, study_id, "maximize")
    return None if found is None else found.value


def curves(database: Database, study_id: str) -> dict[int, list[float]]:
    """The objectives of each trial, by its number."""
    found: dict[int, list[float]] = {}
    for row in report_rows(database, study_id):
        found.setdefault(row["trial_number"], []).append(row["objective"])
    return found


def test_the_same_best_is_found_with_fewer_epochs(database: Database, tmp_path: Path) -> None:
    whole = trained(database, tmp_path, None)
    for pruner in ASHA, MEDIAN:
        cut = trained(database, tmp_path, pruner)
        study = study_row_of(database, cut)
        assert study.epochs_run < TRIALS * EPOCHS == study.epochs_run + study.epochs_saved
        assert best_value(database, cut) == best_value(database, whole)
        stopped = [row for row in trial_rows(database, cut) if row["stop"]["by"] == "pruner"]
        trained_epochs, all_epochs = curves(database, cut), curves(database, whole)
        for row in stopped:
            curve = trained_epochs[row["number"]]
            assert (row["state"], row["value"], row["stop"]["epoch"]) == ("pruned", None, len(curve))
            # What it trained is what it would have trained.
            assert curve == pytest.approx(all_epochs[row["number"]][: len(curve)])
