"""A run trains a study's fits with the real engine, gives back the rest, and says so when the data cannot be used."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars
import pytest
import torch
from sqlalchemy import update
from stored_studies import (
    bundled,
    fit_rows,
    new_study,
    queue_trials,
    report_rows,
    run_rows,
    state_of_study,
    study_row_of,
    trial_rows,
)

from regcore.catalog import load
from regcore.lanes.errors import CannotCompile
from regcore.lanes.fused import FusedLanes, FusedProgram
from regtune.dataset import DatasetFacts
from regtune.study import StudyDefinition
from service.store.database import Database, open_database, upgrade
from service.store.datasets import NewDataset, create_dataset, facts_of
from service.store.files import FileStore
from service.store.tables import programs
from service.store.tables.projects import DEFAULT_PROJECT_ID
from service.store.workers import NewWorker, drain_worker, register_worker
from worker.engine import Plan, plan_of
from worker.options import WorkerOptions
from worker.room import Room
from worker.run import work_on
from worker.splits import Splits
from worker.workshop import Workshop

EPOCHS = 3
DOCUMENT: dict[str, Any] = {
    "model": {"kind": "mlp", "width": 8, "depth": 1},
    "training": {"epochs": EPOCHS, "batch_size": 32},
    "regularizers": [{"kind": "dropout", "rate": {"low": 0.0, "high": 0.5}, "gate": "search"}],
}
SETTINGS: list[dict[str, Any]] = [{"dropout.gate": False}, {"dropout.gate": True, "dropout.rate": 0.3}]


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
def files(tmp_path: Path) -> FileStore:
    return FileStore((tmp_path / "files").as_uri())


@pytest.fixture
def workshop(database: Database, files: FileStore) -> Workshop:
    worker_id = register_worker(database, NewWorker("here", "cpu", 4, {}, {}))
    return Workshop(
        database=database,
        splits=Splits(files),
        catalog=load(),
        options=WorkerOptions(worker_id, "cpu", 4),
        lease_seconds=30.0,
        slice_seconds=300.0,
        leave=threading.Event(),
    )


def queued_study(
    database: Database, facts: DatasetFacts, settings: list[dict[str, Any]] = SETTINGS, **changes: Any
) -> str:
    """A study with a queued trial for each setting."""
    row = new_study(database, {**DOCUMENT, "budget": {"trials": len(settings)}, **changes}, facts)
    queue_trials(database, row.id, StudyDefinition.from_json(row.definition), settings)
    return row.id


def stored_dataset(database: Database, sha256: str) -> DatasetFacts:
    """A stored data set whose file is to have that hash."""
    new = NewDataset(
        project_id=DEFAULT_PROJECT_ID,
        name="mine",
        digest="d" * 64,
        task="classification",
        kind="table",
        shape=(2,),
        rows=100,
        classes=("a", "b"),
        class_counts=(50, 50),
        target="y",
        columns=[{"name": "x", "kind": "numeric"}, {"name": "colour", "kind": "categorical"}],
        own_test=False,
        profile={"file": {"bytes": 3, "sha256": sha256}},
        file="datasets/mine.parquet",
    )
    return facts_of(create_dataset(database, new).row)


def test_a_study_is_trained_to_its_end(database: Database, workshop: Workshop) -> None:
    study_id = queued_study(database, bundled("wine"))
    work_on(study_id, workshop)
    assert state_of_study(database, study_id) == "completed"
    assert [trial["state"] for trial in trial_rows(database, study_id)] == ["completed"] * 2
    assert [(row["trial_number"], row["epoch"]) for row in report_rows(database, study_id)] == [
        (number, epoch) for number in range(2) for epoch in range(1, EPOCHS + 1)
    ]


def test_the_run_is_closed_when_nothing_is_left(database: Database, workshop: Workshop) -> None:
    study_id = queued_study(database, bundled("wine"))
    work_on(study_id, workshop)
    assert [run["state"] for run in run_rows(database, study_id)] == ["closed"]


def test_a_regression_is_trained_too(database: Database, workshop: Workshop) -> None:
    study_id = queued_study(database, bundled("diabetes"))
    work_on(study_id, workshop)
    assert [trial["state"] for trial in trial_rows(database, study_id)] == ["completed"] * 2


def test_images_are_trained_by_a_convnet(database: Database, workshop: Workshop) -> None:
    model = {"kind": "convnet", "width": 2, "depth": 1}
    study_id = queued_study(database, bundled("digits"), model=model, training={"epochs": 1, "batch_size": 256})
    work_on(study_id, workshop)
    assert [trial["state"] for trial in trial_rows(database, study_id)] == ["completed"] * 2


def test_an_uploaded_table_is_trained(database: Database, workshop: Workshop, files: FileStore, tmp_path: Path) -> None:
    path = tmp_path / "mine.parquet"
    rows = range(100)
    cells = {"x": [float(row) for row in rows], "colour": ["red", "blue"] * 50, "y": ["a", "b"] * 50}
    polars.DataFrame(cells).write_parquet(path)
    files.put("datasets/mine.parquet", path)
    study_id = queued_study(database, stored_dataset(database, hashlib.sha256(path.read_bytes()).hexdigest()))
    work_on(study_id, workshop)
    assert [trial["state"] for trial in trial_rows(database, study_id)] == ["completed"] * 2


def test_a_message_for_a_study_that_is_not_there_does_nothing(workshop: Workshop) -> None:
    work_on("0" * 26, workshop)


def test_a_late_message_opens_no_run(database: Database, workshop: Workshop) -> None:
    study_id = queued_study(database, bundled("wine"))
    work_on(study_id, workshop)
    work_on(study_id, workshop)
    assert len(run_rows(database, study_id)) == 1


def test_a_worker_that_must_leave_gives_everything_back(database: Database, workshop: Workshop) -> None:
    study_id = queued_study(database, bundled("wine"))
    workshop.leave.set()
    work_on(study_id, workshop)
    assert {(fit["state"], fit["attempt"], fit["losses"]) for fit in fit_rows(database, study_id)} == {("queued", 0, 0)}


def test_a_study_for_another_device_is_left_queued_and_says_why(database: Database, workshop: Workshop) -> None:
    study_id = queued_study(database, bundled("wine"), resources={"device": "cuda"})
    work_on(study_id, workshop)
    assert run_rows(database, study_id) == []
    assert "cuda" in str(study_row_of(database, study_id).waiting)


def test_a_file_that_is_gone_fails_the_study_with_the_reason(database: Database, workshop: Workshop) -> None:
    study_id = queued_study(database, stored_dataset(database, "f" * 64))
    work_on(study_id, workshop)
    study = study_row_of(database, study_id)
    assert (study.state, study.stop_reason) == ("failed", "dataset_failed")
    first, second = trial_rows(database, study_id)
    assert (first["state"], second["state"]) == ("failed", "cancelled")
    assert first["error"]["code"] == "dataset_failed"
    assert first["error"]["message"] == "the data set 'mine' cannot be used: its file is not in the file store any more"


def test_a_study_whose_single_fit_does_not_fit_fails_at_once_with_the_bytes_needed_and_had(
    database: Database, workshop: Workshop
) -> None:
    study_id = queued_study(database, bundled("wine"))
    cramped = replace(workshop, free_bytes=lambda device: 1000)
    for _ in range(2):
        work_on(study_id, cramped)
    study = study_row_of(database, study_id)
    assert (study.state, study.stop_reason) == ("failed", "does_not_fit")
    first, second = trial_rows(database, study_id)
    assert (first["state"], second["state"]) == ("failed", "cancelled")
    assert first["error"]["code"] == "does_not_fit"
    assert re.match(
        r"one fit needs \d{4,} bytes of memory .*, and 1000 \(0.00 GB\) are free on cpu", study.warnings[-1]
    )
    assert first["error"]["message"] == study.warnings[-1]
    assert len(run_rows(database, study_id)) == 1


def test_workers_of_one_machine_divide_what_is_free(
    database: Database, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        register_worker(database, NewWorker("here", "cpu", 4, {}, {}))
    register_worker(database, NewWorker("elsewhere", "cpu", 4, {}, {}))
    asked: list[Room] = []

    def plan(*arguments: Any) -> Plan:
        asked.append(arguments[3].room)
        return plan_of(*arguments)

    monkeypatch.setattr("worker.run.plan_of", plan)
    work_on(queued_study(database, bundled("wine")), replace(workshop, free_bytes=lambda device: 10**9))
    assert asked == [Room(10**9, workers=3)]


def test_fits_that_run_out_of_memory_above_two_lanes_end_as_those_that_never_did(
    database: Database, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, tried = FusedProgram.step, []

    def cramped(fused: FusedProgram, lanes: FusedLanes, *others: Any) -> Any:
        tried.append(len(lanes.keys))
        if len(lanes.keys) > 2 and len(tried) > 4:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return step(fused, lanes, *others)

    settings = [{"dropout.gate": True, "dropout.rate": rate / 10} for rate in range(1, 6)]
    found = []
    for _ in range(2):
        study_id = queued_study(database, bundled("wine"), settings, seed=3)
        work_on(study_id, workshop)
        trials = [(row["state"], row["value"], row["best_epoch"]) for row in trial_rows(database, study_id)]
        curves = [
            (row["trial_number"], row["attempt"], row["epoch"], row["train_loss"], row["validation_loss"])
            for row in report_rows(database, study_id)
        ]
        found.append((trials, curves))
        monkeypatch.setattr(FusedProgram, "step", cramped)
    assert found[0] == found[1]
    assert tried.count(4) > 0
    assert max(tried[-5:]) == 2
    assert {(fit["attempt"], fit["losses"]) for fit in fit_rows(database, study_id)} == {(0, 0)}


def test_a_file_that_was_changed_fails_the_study_with_both_hashes(
    database: Database, workshop: Workshop, files: FileStore
) -> None:
    files.put("datasets/mine.parquet", b"something else")
    study_id = queued_study(database, stored_dataset(database, "f" * 64))
    work_on(study_id, workshop)
    assert f"and had {'f' * 64} when it was written" in trial_rows(database, study_id)[0]["error"]["message"]


def test_an_architecture_that_this_worker_lacks_fails_its_fits_and_not_the_worker(
    database: Database, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(kind: str) -> None:
        raise KeyError(f"there is no {kind!r}")

    monkeypatch.setattr("worker.plan.find_architecture", find)
    study_id = queued_study(database, bundled("wine"))
    work_on(study_id, workshop)
    assert [trial["error"]["code"] for trial in trial_rows(database, study_id)] == ["KeyError"] * 2


def test_an_error_that_is_no_fits_is_left_to_the_lease(
    database: Database, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    study_id = queued_study(database, bundled("wine"))

    def fail(*_: object) -> None:
        raise OSError("the file store is away")

    monkeypatch.setattr(Splits, "of", fail)
    with pytest.raises(OSError, match="the file store is away"):
        work_on(study_id, workshop)
    assert [run["state"] for run in run_rows(database, study_id)] == ["open"]


def test_prepared_data_are_kept_for_the_next_run(database: Database, workshop: Workshop) -> None:
    facts = bundled("iris")
    definition = StudyDefinition.from_json(new_study(database, DOCUMENT, facts).definition)
    kept = workshop.splits.of(definition, facts, None)
    assert workshop.splits.of(definition, facts, None) is kept
    other = definition.model_copy(update={"seed": definition.seed + 1})
    assert workshop.splits.of(other, facts, None) is not kept


def test_only_the_splits_used_last_are_kept(database: Database, workshop: Workshop) -> None:
    facts = bundled("iris")
    definition = StudyDefinition.from_json(new_study(database, DOCUMENT, facts).definition)
    first = workshop.splits.of(definition, facts, None)
    for seed in range(1, 5):
        workshop.splits.of(definition.model_copy(update={"seed": seed}), facts, None)
    assert workshop.splits.of(definition, facts, None) is not first


def test_a_lease_that_was_lost_ends_the_run_quietly(
    database: Database, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    study_id = queued_study(database, bundled("wine"))
    work_on(study_id, replace(workshop, lease_seconds=1e-6))
    assert report_rows(database, study_id) == []


def test_a_worker_that_cannot_compile_leaves_the_fits_queued_and_says_so(
    database: Database, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise CannotCompile("no C++ compiler was found")

    monkeypatch.setattr("regcore.lanes.compiling.compile_by", refuse)
    study_id = queued_study(database, bundled("wine"))
    with database.write() as connection:
        connection.execute(update(programs).values(engine="compiled", engine_reason="it pays"))
    for _ in range(2):
        work_on(study_id, workshop)
    assert [fit["state"] for fit in fit_rows(database, study_id)] == ["queued"] * 2
    assert "no worker that can compile has come yet" in str(study_row_of(database, study_id).waiting)
    assert len(run_rows(database, study_id)) == 1


def test_a_worker_that_must_leave_does_not_wait_until_another_has_compiled(
    database: Database, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait(parts: object, device: object, while_waiting: Callable[[], None]) -> None:
        while_waiting()
        drain_worker(database, workshop.options.worker_id)
        while_waiting()
        raise AssertionError("it went on waiting")

    monkeypatch.setattr("regcore.lanes.compiling.compile_by", wait)
    study_id = queued_study(database, bundled("wine"))
    with database.write() as connection:
        connection.execute(update(programs).values(engine="compiled", engine_reason="it pays"))
    work_on(study_id, workshop)
    assert [(fit["state"], fit["losses"]) for fit in fit_rows(database, study_id)] == [("queued", 0)] * 2
    assert [run["state"] for run in run_rows(database, study_id)] == ["closed"]


def test_a_trial_says_which_engine_trained_it(database: Database, workshop: Workshop) -> None:
    study_id = queued_study(database, bundled("wine"))
    work_on(study_id, workshop)
    assert [fit["engine"] for fit in fit_rows(database, study_id)] == ["eager"] * 2


def test_an_engine_that_trains_one_at_a_time_claims_one_at_a_time(database: Database, workshop: Workshop) -> None:
    study_id = queued_study(database, bundled("wine"))
    with database.write() as connection:
        connection.execute(update(programs).values(engine="alone", engine_reason="wide layers"))
    work_on(study_id, workshop)
    assert [trial["state"] for trial in trial_rows(database, study_id)] == ["completed"] * 2
    first, second = fit_rows(database, study_id)
    assert first["finished_at"] <= second["started_at"]


def of_two_widths(database: Database, widths: list[int]) -> str:
    """A study with a queued trial of each width, and so of two programs."""
    row = new_study(
        database,
        {
            **DOCUMENT,
            "model": {"kind": "mlp", "width": {"choices": [8, 16]}, "depth": 1},
            "training": {"epochs": 1, "batch_size": 64},
            "budget": {"trials": len(widths)},
        },
        bundled("wine"),
    )
    settings = [{"dropout.gate": False, "model.width": width} for width in widths]
    queue_trials(database, row.id, StudyDefinition.from_json(row.definition), settings)
    return row.id


@pytest.fixture
def one_lane(workshop: Workshop) -> Workshop:
    """A workshop that trains one fit at a time, and whose slices are over at once."""
    return replace(workshop, options=replace(workshop.options, lanes=1), slice_seconds=0.0)


def test_programs_of_a_study_share_a_worker_by_turns(database: Database, one_lane: Workshop) -> None:
    """Where a run kept to its program as long as it found fits, the third trial would be trained before the second."""
    study_id = of_two_widths(database, [8, 16, 8, 16])
    for _ in range(4):
        work_on(study_id, one_lane)
    ended = [fit["finished_at"] for fit in fit_rows(database, study_id)]
    assert None not in ended
    assert ended == sorted(ended)
    assert len(run_rows(database, study_id)) == 4


def test_a_run_keeps_to_its_program_while_that_is_next(database: Database, one_lane: Workshop) -> None:
    study_id = of_two_widths(database, [8, 8, 16])
    work_on(study_id, one_lane)
    assert [fit["state"] for fit in fit_rows(database, study_id)] == ["completed", "completed", "queued"]


def test_studies_share_a_worker_by_turns(database: Database, one_lane: Workshop) -> None:
    first, second = (of_two_widths(database, [8, 8]) for _ in range(2))
    work_on(first, one_lane)
    assert [fit["state"] for fit in fit_rows(database, first)] == ["completed", "queued"]
    for study_id in (second, first, second):
        work_on(study_id, one_lane)
    assert [state_of_study(database, study_id) for study_id in (first, second)] == ["completed"] * 2


def test_a_study_in_tf32_is_left_queued_by_a_processor(database: Database, workshop: Workshop) -> None:
    study_id = queued_study(database, bundled("wine"), resources={"precision": "tf32"})
    work_on(study_id, workshop)
    assert run_rows(database, study_id) == []
    assert study_row_of(database, study_id).waiting == (
        "only a GPU multiplies in tf32, and no worker that can has come yet"
    )


def test_a_study_in_bfloat16_is_trained_by_a_processor(database: Database, workshop: Workshop) -> None:
    exact, coarse = (
        queued_study(database, bundled("wine"), resources={"precision": precision})
        for precision in ("float32", "bfloat16")
    )
    for study_id in (exact, coarse):
        work_on(study_id, workshop)
    assert [trial["state"] for trial in trial_rows(database, coarse)] == ["completed"] * 2
    losses = [[row["train_loss"] for row in report_rows(database, study_id)] for study_id in (exact, coarse)]
    assert losses[0] != losses[1]
    assert losses[0] == pytest.approx(losses[1], rel=0.1)
