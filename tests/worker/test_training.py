"""The training loop writes what lanes do, obeys the answers, and lets each fit fail alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from scripted_lanes import Script, ScriptedLanes, to_the_end
from stored_studies import (
    definition_of,
    fit_rows,
    queue_trials,
    report_rows,
    state_of_study,
    stored_study,
    study_row_of,
    trial_rows,
)

from regcore.lanes import Fit
from service.store.claims import ClaimedFit
from service.store.database import Database, open_database, upgrade
from service.store.endings import stop_study
from service.store.errors import LeaseLost
from service.store.leases import expire_leases
from service.store.runs import Run, open_run, release
from service.store.workers import NewWorker, drain_worker, register_worker
from worker.crew import Crew
from worker.ledger import RunLedger
from worker.training import Terms, Training

EPOCHS = 4
LANES = 4
DOCUMENT = {"training": {"epochs": EPOCHS}, "regularizers": [{"kind": "dropout", "rate": {"low": 0.0, "high": 0.5}}]}


def rates(count: int) -> list[dict[str, Any]]:
    return [{"dropout.rate": number / 100} for number in range(count)]


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
def worker_id(database: Database) -> str:
    return register_worker(database, NewWorker("here", "cpu", LANES, {}, {}))


class OneRun:
    """A run on a study, with lanes that follow a script."""

    def __init__(
        self,
        database: Database,
        study_id: str,
        worker_id: str,
        script: Script = to_the_end,
        before_epoch: Callable[[Sequence[Fit]], None] = lambda fits: None,
        fit_for: Callable[[ClaimedFit], Fit] | None = None,
        others_wait: Callable[[], bool] = lambda: False,
        slice_seconds: float = 300.0,
        lease_seconds: float = 30.0,
    ) -> None:
        self.database = database
        opened = open_run(database, study_id, worker_id, lease_seconds)
        assert opened is not None
        self.run: Run = opened
        self.made: list[ScriptedLanes] = []
        self.leave = threading.Event()

        def make_lanes() -> ScriptedLanes:
            self.made.append(ScriptedLanes(script, before_epoch))
            return self.made[-1]

        def plain_fit(claimed: ClaimedFit) -> Fit:
            return Fit(claimed.id, claimed.seed, claimed.epochs, claimed.setting)

        self.ledger = RunLedger(database, self.run, lambda: None, 1.0)
        terms = Terms(LANES, slice_seconds, others_wait, self.leave, lambda: None)
        self._training = Training(self.ledger, Crew(make_lanes, fit_for or plain_fit), terms)

    def train(self) -> None:
        self._training.run(self.ledger.claim(LANES))
        release(self.database, self.run)

    @property
    def together(self) -> list[int]:
        return [count for lanes in self.made for count in lanes.together]


def test_every_epoch_of_every_fit_is_written_once(database: Database, worker_id: str) -> None:
    study_id = stored_study(database, DOCUMENT, rates(6))
    OneRun(database, study_id, worker_id).train()
    written = [(row["trial_number"], row["epoch"]) for row in report_rows(database, study_id)]
    assert written == [(number, epoch) for number in range(6) for epoch in range(1, EPOCHS + 1)]


def test_trials_end_with_what_the_lanes_said(database: Database, worker_id: str) -> None:
    study_id = stored_study(database, DOCUMENT, rates(2))
    OneRun(database, study_id, worker_id, lambda fit, epoch: "stop early" if epoch == 3 else "go on").train()
    assert [
        (row["state"], row["value"], row["stop"]["by"], row["stop"]["epoch"]) for row in trial_rows(database, study_id)
    ] == [("completed", 3.0, "early_stopping", 3)] * 2


def test_the_study_ends_with_its_last_trial(database: Database, worker_id: str) -> None:
    study_id = stored_study(database, DOCUMENT, rates(3))
    OneRun(database, study_id, worker_id).train()
    assert state_of_study(database, study_id) == "completed"


def test_a_lane_that_comes_free_is_filled_at_once(database: Database, worker_id: str) -> None:
    study_id = stored_study(database, DOCUMENT, rates(6))
    first = fit_rows(database, study_id)[0]["id"]
    run = OneRun(database, study_id, worker_id, lambda fit, epoch: "stop early" if fit.key == first else "go on")
    run.train()
    assert run.together[:2] == [4, 4]


def test_lanes_that_come_free_one_by_one_wait_for_no_claim(database: Database, worker_id: str) -> None:
    study_id = stored_study(database, DOCUMENT, rates(40))
    numbers = {row["id"]: row["trial_number"] for row in fit_rows(database, study_id)}
    run = OneRun(
        database, study_id, worker_id, lambda fit, epoch: "stop early" if epoch > numbers[fit.key] % 4 else "go on"
    )
    claims: list[int] = []
    claim = run.ledger.claim
    run.ledger.claim = lambda count: claims.append(count) or claim(count)  # type: ignore[method-assign, func-returns-value]
    run.train()
    assert state_of_study(database, study_id) == "completed"
    assert set(run.together[:-EPOCHS]) == {LANES}
    # The first, and the last, which finds nothing.
    assert claims == [LANES, LANES]


def test_a_run_that_leaves_gives_back_what_it_claimed_ahead(database: Database, worker_id: str) -> None:
    study_id = stored_study(database, DOCUMENT, rates(40))

    def leave_in_epoch_three(fits: Sequence[Fit]) -> None:
        if len(run.together) == 2:
            assert sum(row["state"] == "running" for row in trial_rows(database, study_id)) == LANES + 1
            run.leave.set()

    run = OneRun(database, study_id, worker_id, before_epoch=leave_in_epoch_three)
    run.train()
    assert {(row["state"], row["attempt"], row["losses"]) for row in fit_rows(database, study_id)} == {("queued", 0, 0)}


def test_a_diverging_fit_fails_with_its_epoch_and_its_neighbours_go_on(database: Database, worker_id: str) -> None:
    study_id = stored_study(database, DOCUMENT, rates(3))
    doomed = fit_rows(database, study_id)[1]["id"]
    OneRun(
        database, study_id, worker_id, lambda fit, epoch: "diverge" if fit.key == doomed and epoch == 2 else "go on"
    ).train()
    rows = trial_rows(database, study_id)
    assert [row["state"] for row in rows] == ["completed", "failed", "completed"]
    assert (rows[1]["error"]["code"], rows[1]["error"]["epoch"]) == ("diverged", 2)


def test_a_fit_whose_values_make_no_fit_fails_alone_with_its_last_lines(database: Database, worker_id: str) -> None:
    study_id = stored_study(database, DOCUMENT, rates(3))

    def fit_for(claimed: ClaimedFit) -> Fit:
        if claimed.trial_number == 1:
            raise ValueError("no such rate")
        return Fit(claimed.id, claimed.seed, claimed.epochs, claimed.setting)

    OneRun(database, study_id, worker_id, fit_for=fit_for).train()
    rows = trial_rows(database, study_id)
    assert [row["state"] for row in rows] == ["completed", "failed", "completed"]
    assert (rows[1]["error"]["code"], rows[1]["error"]["message"]) == ("ValueError", "no such rate")
    assert rows[1]["error"]["detail"].endswith("ValueError: no such rate")


def test_a_fit_that_breaks_the_whole_crew_is_found_and_fails_alone(database: Database, worker_id: str) -> None:
    study_id = stored_study(database, DOCUMENT, rates(6))
    culprit = fit_rows(database, study_id)[2]["id"]

    def break_in_epoch_two(fits: Sequence[Fit]) -> None:
        if any(fit.key == culprit for fit in fits) and run.made[-1].together:
            raise RuntimeError("a regularizer gave way")

    run = OneRun(database, study_id, worker_id, before_epoch=break_in_epoch_two)
    run.train()
    rows = trial_rows(database, study_id)
    assert [row["state"] for row in rows] == ["completed", "completed", "failed", "completed", "completed", "completed"]
    assert rows[2]["error"]["message"] == "a regularizer gave way"


def room_for(most: int, run: Callable[[], OneRun], culprit: str | None = None) -> Callable[[Sequence[Fit]], None]:
    """Before an epoch but the first: out of memory with more fits than `most`; with `culprit`, another error first."""

    def train(fits: Sequence[Fit]) -> None:
        if not run().made[-1].together:
            return
        if any(fit.key == culprit for fit in fits):
            raise RuntimeError("a regularizer gave way")
        if len(fits) > most:
            raise MemoryError(f"{len(fits)} are too many")

    return train


def test_fits_that_ran_out_of_memory_begin_again_with_nothing_lost_and_no_epoch_written_twice(
    database: Database, worker_id: str
) -> None:
    study_id = stored_study(database, DOCUMENT, rates(7))
    run = OneRun(database, study_id, worker_id, before_epoch=room_for(2, lambda: run))
    run.train()
    assert [(row["trial_number"], row["epoch"]) for row in report_rows(database, study_id)] == [
        (number, epoch) for number in range(7) for epoch in range(1, EPOCHS + 1)
    ]
    assert {(row["state"], row["attempt"], row["losses"]) for row in fit_rows(database, study_id)} == {
        ("completed", 0, 0)
    }


def test_a_crew_that_ran_out_of_memory_is_halved_until_it_fits_and_stays_so(database: Database, worker_id: str) -> None:
    study_id = stored_study(database, DOCUMENT, rates(7))
    run = OneRun(database, study_id, worker_id, before_epoch=room_for(1, lambda: run))
    run.train()
    assert [max(lanes.together) for lanes in run.made[:3]] == [4, 2, 1]
    assert {count for lanes in run.made[2:] for count in lanes.together} == {1}


def test_the_next_run_of_the_worker_knows_how_many_it_can_hold(database: Database, worker_id: str) -> None:
    study_id = stored_study(database, DOCUMENT, rates(6))
    run = OneRun(database, study_id, worker_id, before_epoch=room_for(2, lambda: run))
    run.train()
    assert run.ledger.program().lane_cap == 2


def test_a_fit_that_runs_out_of_memory_alone_ends_the_study_and_is_not_tried_again(
    database: Database, worker_id: str
) -> None:
    study_id = stored_study(database, DOCUMENT, rates(6))
    run = OneRun(database, study_id, worker_id, before_epoch=room_for(0, lambda: run))
    run.train()
    study = study_row_of(database, study_id)
    assert (study.state, study.stop_reason) == ("failed", "does_not_fit")
    rows = trial_rows(database, study_id)
    assert [row["state"] for row in rows] == ["failed"] + ["cancelled"] * 5
    assert rows[0]["error"]["code"] == "does_not_fit"
    assert rows[0]["error"]["message"] == "one fit alone ran out of memory: 1 are too many"
    assert study.warnings[-1] == rows[0]["error"]["message"]
    assert len(run.made) == 3


def test_a_fit_that_raises_is_found_among_fits_that_run_out_of_memory(database: Database, worker_id: str) -> None:
    study_id = stored_study(database, DOCUMENT, rates(6))
    culprit = fit_rows(database, study_id)[2]["id"]
    run = OneRun(database, study_id, worker_id, before_epoch=room_for(2, lambda: run, culprit))
    run.train()
    assert [row["state"] for row in trial_rows(database, study_id)] == [
        "completed" if number != 2 else "failed" for number in range(6)
    ]
    assert max(run.together[-4:]) <= 2


def test_a_run_that_drains_gives_back_those_that_wait_for_room(database: Database, worker_id: str) -> None:
    study_id = stored_study(database, DOCUMENT, rates(4))
    crowded = room_for(2, lambda: run)

    def train(fits: Sequence[Fit]) -> None:
        if len(run.made) == 2:
            run.leave.set()
        crowded(fits)

    run = OneRun(database, study_id, worker_id, before_epoch=train)
    run.train()
    assert {(row["state"], row["attempt"], row["losses"]) for row in fit_rows(database, study_id)} == {("queued", 0, 0)}


def test_a_run_that_was_taken_back_writes_nothing_more(database: Database, worker_id: str) -> None:
    study_id = stored_study(database, DOCUMENT, rates(2))
    stolen = threading.Event()

    def steal(fits: Sequence[Fit]) -> None:
        if run.made[-1].together == [2] and not stolen.is_set():
            stolen.set()
            wait_for_expiry()

    def wait_for_expiry() -> None:
        while not expire_leases(database):
            threading.Event().wait(0.02)

    run = OneRun(database, study_id, worker_id, before_epoch=steal, lease_seconds=0.2)
    with pytest.raises(LeaseLost):
        run.train()
    assert {row["epoch"] for row in report_rows(database, study_id)} == {1}
    assert [(row["state"], row["attempt"]) for row in trial_rows(database, study_id)] == [("queued", 1)] * 2


def test_a_drained_run_gives_its_fits_back_with_attempt_and_losses_as_they_were(
    database: Database, worker_id: str
) -> None:
    study_id = stored_study(database, DOCUMENT, rates(6))
    run = OneRun(database, study_id, worker_id, before_epoch=lambda fits: drain_worker(database, worker_id))
    run.train()
    assert len(run.together) <= 2
    assert {(row["state"], row["attempt"], row["losses"]) for row in fit_rows(database, study_id)} == {("queued", 0, 0)}


def test_a_process_that_must_leave_does_so_at_the_next_chunk(database: Database, worker_id: str) -> None:
    study_id = stored_study(database, DOCUMENT, rates(4))
    run = OneRun(database, study_id, worker_id, before_epoch=lambda fits: run.leave.set())
    run.train()
    assert run.together == [4]
    assert {row["state"] for row in trial_rows(database, study_id)} == {"queued"}


def test_a_study_that_is_stopped_now_ends_what_trains(database: Database, worker_id: str) -> None:
    study_id = stored_study(database, {**DOCUMENT, "training": {"epochs": 1000}}, rates(6))
    asked: list[int] = []

    def stop(fits: Sequence[Fit]) -> None:
        if not asked:
            asked.append(1)
            stop_study(database, study_id, "now")

    run = OneRun(database, study_id, worker_id, before_epoch=stop)
    run.train()
    assert state_of_study(database, study_id) == "stopped"
    assert {row["state"] for row in trial_rows(database, study_id)} == {"cancelled"}
    assert len(run.together) <= 3


def test_a_study_that_spent_its_epochs_keeps_the_values_of_what_trained(database: Database, worker_id: str) -> None:
    study_id = stored_study(database, {**DOCUMENT, "training": {"epochs": 1000}, "budget": {"epochs": 6}}, rates(2))
    OneRun(database, study_id, worker_id).train()
    rows = trial_rows(database, study_id)
    assert state_of_study(database, study_id) == "completed"
    assert [(row["state"], row["stop"]["by"]) for row in rows if row["value"] is not None] == [("completed", "budget")]


def test_a_run_whose_slice_is_over_takes_no_more_while_another_study_waits(database: Database, worker_id: str) -> None:
    study_id = stored_study(database, DOCUMENT, rates(6))
    OneRun(database, study_id, worker_id, others_wait=lambda: True, slice_seconds=0.0).train()
    assert [row["state"] for row in trial_rows(database, study_id)] == ["completed"] * 4 + ["queued"] * 2


def test_a_run_whose_slice_is_over_goes_on_while_nobody_waits(database: Database, worker_id: str) -> None:
    study_id = stored_study(database, DOCUMENT, rates(6))
    OneRun(database, study_id, worker_id, others_wait=lambda: False, slice_seconds=0.0).train()
    assert {row["state"] for row in trial_rows(database, study_id)} == {"completed"}


def test_a_run_lingers_for_trials_that_are_about_to_be_queued(
    database: Database, worker_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.training.LINGER_SECONDS", 60.0)
    study_id = stored_study(database, {**DOCUMENT, "budget": {"trials": 3}}, rates(2))
    run = OneRun(database, study_id, worker_id)
    definition = definition_of(database, study_id)
    late = threading.Timer(0.3, queue_trials, (database, study_id, definition, [{"dropout.rate": 0.4}], 2))
    late.start()
    run.train()
    late.join()
    assert [row["state"] for row in trial_rows(database, study_id)] == ["completed"] * 3
