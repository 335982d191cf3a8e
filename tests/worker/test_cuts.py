"""Fits that the study's pruner cuts: at their epoch, once, with the others known, and never a baseline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from scripted_lanes import Script, ScriptedLanes, to_the_end
from stored_studies import definition_of, fit_rows, report_rows, state_of_study, stored_study, study_row_of, trial_rows
from waiting import wait_until

from regcore.lanes import Fit
from regtune.pruning.peers import Comparison
from regtune.pruning.pruner import cross_trial_pruner
from service.store.claims import ClaimedFit, claim
from service.store.clock import in_seconds
from service.store.database import Database, open_database, upgrade
from service.store.leases import expire_leases
from service.store.peers import PeerNews
from service.store.reports import EpochReport
from service.store.runs import Run, open_run, release
from service.store.tables import runs, trials
from service.store.ticks import Tick, record_tick
from service.store.workers import NewWorker, drain_worker, register_worker
from worker.crew import Crew
from worker.ledger import PeerReadingLedger
from worker.pruning import Pruning
from worker.training import Terms, Training

EPOCHS = 5
LANES = 4
ASHA = {"kind": "asha", "min_epochs": 2, "reduction_factor": 2, "spare_improving": False}
FOUR = (0.0, 0.1, 0.2, 0.3)
MEDIAN = {"kind": "median", "startup_trials": 2, "spare_improving": False}


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.training.LINGER_SECONDS", 0.0)
    monkeypatch.setattr("worker.pruning.READ_PAUSE_SECONDS", 0.0)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{tmp_path / 'regtune.db'}")
    upgrade(database)
    yield database
    database.close()


def worker_of(database: Database) -> str:
    return register_worker(database, NewWorker("here", "cpu", LANES, {}, {}))


def study_of(database: Database, rates: Sequence[float], pruner: dict[str, Any] = ASHA) -> str:
    """A study with a trial for each rate."""
    document = {
        "training": {"epochs": EPOCHS},
        "regularizers": [{"kind": "dropout", "rate": {"low": 0.0, "high": 0.9}}],
        "pruner": pruner,
    }
    return stored_study(database, document, [{"dropout.rate": rate} for rate in rates])


def rate_of(fit: Fit, epoch: int) -> float:
    return float(fit.values["dropout.rate"])


def pruning_of(database: Database, study_id: str) -> Pruning:
    pruner = cross_trial_pruner(definition_of(database, study_id))
    assert pruner is not None
    return Pruning(pruner, EPOCHS)


class Worker:
    """A run with scripted lanes whose objective is the fit's rate, and a process's knowledge of its study."""

    def __init__(
        self,
        database: Database,
        study_id: str,
        pruning: Pruning | None = None,
        script: Script = to_the_end,
        before_epoch: Callable[[Sequence[Fit]], None] = lambda fits: None,
        validation_loss: Callable[[Fit, int], float] = lambda fit, epoch: 1 / epoch,
        lanes: int = LANES,
        others_wait: bool = False,
    ) -> None:
        self.database = database
        self.worker_id = worker_of(database)
        opened = open_run(database, study_id, self.worker_id, 30.0)
        assert opened is not None
        self.run: Run = opened
        self.made: list[ScriptedLanes] = []
        self.pruning = pruning or pruning_of(database, study_id)
        self.ledger = PeerReadingLedger(database, self.run, lambda: None, 1.0, self.pruning)

        def make_lanes() -> ScriptedLanes:
            self.made.append(ScriptedLanes(script, before_epoch, rate_of, validation_loss))
            return self.made[-1]

        def plain_fit(claimed: ClaimedFit) -> Fit:
            return Fit(claimed.id, claimed.seed, claimed.epochs, claimed.setting)

        self._lanes = lanes
        terms = Terms(lanes, 0.0, lambda: others_wait, threading.Event(), lambda: None)
        crew = Crew(make_lanes, plain_fit, self.pruning.cuts)
        self._training = Training(self.ledger, crew, terms)

    def train(self) -> None:
        self.pruning.read_on(self.ledger)
        self._training.run(self.ledger.claim(self._lanes))
        release(self.database, self.run)

    @property
    def together(self) -> list[int]:
        return [count for lanes in self.made for count in lanes.together]


def ends(database: Database, study_id: str) -> list[tuple[str, str, int]]:
    """The trials that have ended, by number: their states, by whom they were stopped and at which epoch."""
    rows = [row for row in trial_rows(database, study_id) if row["stop"] is not None]
    return [(row["state"], row["stop"]["by"], row["stop"]["epoch"]) for row in rows]


CUT, WHOLE = ("pruned", "pruner", 2), ("completed", "epochs", EPOCHS)


def test_at_a_rung_the_lesser_half_is_cut(database: Database) -> None:
    study_id = study_of(database, FOUR)
    Worker(database, study_id).train()
    # Of four trials two go on from epoch 2, and of those two one from epoch 4.
    assert ends(database, study_id) == [CUT, CUT, ("pruned", "pruner", 4), WHOLE]
    assert trial_rows(database, study_id)[0]["stop"]["reason"] == (
        "at epoch 2 it was not among the best 2 of the 4 trials that reached it"
    )


def test_what_is_not_trained_is_saved_and_what_is_trained_is_reported(database: Database) -> None:
    study_id = study_of(database, FOUR)
    Worker(database, study_id).train()
    study = study_row_of(database, study_id)
    assert (study.epochs_run, study.epochs_saved) == (2 + 2 + 4 + EPOCHS, 3 + 3 + 1)
    assert len(report_rows(database, study_id)) == study.epochs_run
    assert state_of_study(database, study_id) == "completed"


def test_a_lane_that_was_cut_is_filled_at_once(database: Database) -> None:
    study_id = study_of(database, FOUR * 2)
    worker = Worker(database, study_id)
    worker.train()
    assert worker.together[:3] == [4, 4, 4]


def test_baselines_are_never_cut(database: Database) -> None:
    study_id = study_of(database, FOUR)
    with database.write() as connection:
        connection.execute(trials.update().where(trials.c.number < 2).values(origin="baseline"))
    Worker(database, study_id).train()
    assert ends(database, study_id)[:2] == [WHOLE, WHOLE]


def test_one_that_its_own_rule_ends_at_a_rung_ends_by_that(database: Database) -> None:
    study_id = study_of(database, FOUR)
    first = fit_rows(database, study_id)[0]["id"]
    Worker(
        database, study_id, script=lambda fit, epoch: "stop early" if fit.key == first and epoch == 2 else "go on"
    ).train()
    assert ends(database, study_id)[:2] == [("completed", "early_stopping", 2), CUT]


def test_one_that_improves_is_spared_as_long_as_it_does(database: Database) -> None:
    study_id = study_of(database, FOUR, {**ASHA, "spare_improving": True})
    # The first trial stops improving after its third epoch, the others never do.
    Worker(
        database,
        study_id,
        validation_loss=lambda fit, epoch: 1 / min(epoch, 3) if rate_of(fit, epoch) == 0.0 else 1 / epoch,
    ).train()
    assert ends(database, study_id) == [("pruned", "pruner", 4), WHOLE, WHOLE, WHOLE]


def test_the_median_of_completed_trials_cuts_those_that_come_later(database: Database) -> None:
    study_id = study_of(database, (0.2, 0.3, 0.4, 0.5, 0.1, 0.9), MEDIAN)
    Worker(database, study_id).train()
    assert ends(database, study_id) == [WHOLE, WHOLE, WHOLE, WHOLE, ("pruned", "pruner", 1), WHOLE]


def test_trials_that_another_worker_trains_are_compared_with(database: Database) -> None:
    study_id = study_of(database, (0.9, 0.9, 0.9, *FOUR[:3]))
    elsewhere = open_run(database, study_id, worker_of(database), 30.0)
    assert elsewhere is not None
    theirs = claim(database, elsewhere, 3)
    reports = tuple(
        EpochReport(fit.id, fit.attempt, epoch, 1.0, 1.0, 0.9, {}) for fit in theirs for epoch in range(1, 3)
    )
    record_tick(database, elsewhere, Tick(1, reports, (), 1.0))
    Worker(database, study_id).train()
    # Six trials reached epoch 2, of which the three elsewhere are the best.
    assert ends(database, study_id) == [CUT] * 3


def test_what_the_others_report_while_a_run_trains_is_read_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    study_id = study_of(database, (0.9, 0.9, 0.9, 0.9, 0.1))
    elsewhere = open_run(database, study_id, worker_of(database), 30.0)
    assert elsewhere is not None
    theirs = claim(database, elsewhere, 4)

    def tell_in_the_third(fits: Sequence[Fit]) -> None:
        if len(worker.together) == 2:
            reports = tuple(EpochReport(fit.id, fit.attempt, 4, 1.0, 1.0, 0.9, {}) for fit in theirs)
            record_tick(database, elsewhere, Tick(1, reports, (), 1.0))
        if len(worker.together) == 3:
            # One read before the first tick, and one after each of the three.
            wait_until(lambda: len(reads) == 4)

    worker = Worker(database, study_id, before_epoch=tell_in_the_third)
    read_on, reads = worker.pruning.read_on, list[int]()

    def counted(store: PeerReadingLedger) -> None:
        read_on(store)
        reads.append(len(reads))

    monkeypatch.setattr(worker.pruning, "read_on", counted)
    worker.train()
    assert ends(database, study_id) == [("pruned", "pruner", 4)]


def test_a_process_remembers_the_trials_of_its_earlier_runs(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    study_id = study_of(database, (*FOUR[1:], 0.5, 0.0))
    pruning = pruning_of(database, study_id)
    Worker(database, study_id, pruning, others_wait=True).train()
    assert len(ends(database, study_id)) == 4
    monkeypatch.setattr(pruning, "read_on", lambda store: None)
    Worker(database, study_id, pruning).train()
    # Alone it would have gone on.
    assert ends(database, study_id)[4] == CUT


def test_what_was_read_a_moment_ago_is_not_read_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.pruning.READ_PAUSE_SECONDS", 60.0)
    pruning = pruning_of(database, study_of(database, FOUR))
    asked: list[int] = []

    class Store:
        def peer_news(self, comparison: Comparison, since: int) -> PeerNews:
            asked.append(since)
            return PeerNews(since + 7, ())

    pruning.read_on(Store())
    pruning.read_on(Store())
    assert asked == [0]
    later = time.monotonic() + 61.0
    monkeypatch.setattr("worker.pruning.time.monotonic", lambda: later)
    pruning.read_on(Store())
    assert asked == [0, 7]


def test_a_cut_that_raises_loses_neither_an_epoch_nor_an_end(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    study_id = study_of(database, FOUR)
    cancel, raised = ScriptedLanes.cancel, list[bool]()

    def raise_once(lanes: ScriptedLanes, keys: Collection[str]) -> dict[str, Any]:
        if keys and not raised:
            raised.append(True)
            raise MemoryError("there was no room to measure them")
        return cancel(lanes, keys)

    monkeypatch.setattr(ScriptedLanes, "cancel", raise_once)
    Worker(database, study_id).train()
    assert ends(database, study_id) == [CUT, CUT, ("pruned", "pruner", 4), WHOLE]
    written = [(row["trial_number"], row["epoch"]) for row in report_rows(database, study_id)]
    assert written == [(number, epoch) for number, last in enumerate((2, 2, 4, EPOCHS)) for epoch in range(1, last + 1)]


def test_fits_that_begin_again_end_once_and_write_no_epoch_twice(database: Database) -> None:
    study_id = study_of(database, FOUR)

    def break_before_the_fourth(fits: Sequence[Fit]) -> None:
        if len(fits) > 1 and len(worker.made[-1].together) == 3:
            raise RuntimeError("a regularizer gave way")

    worker = Worker(database, study_id, before_epoch=break_before_the_fourth)
    worker.train()
    # The third is the first to reach epoch 4, alone this time.
    assert ends(database, study_id) == [CUT, CUT, WHOLE, WHOLE]
    written = [(row["trial_number"], row["epoch"]) for row in report_rows(database, study_id)]
    assert len(written) == len(set(written))


def test_a_fit_that_was_given_back_is_not_judged_again_where_it_was_kept(database: Database) -> None:
    study_id = study_of(database, (0.1, 0.9, 0.9))

    def leave_in_the_third(fits: Sequence[Fit]) -> None:
        if len(worker.together) == 2:
            elsewhere = open_run(database, study_id, worker_of(database), 30.0)
            assert elsewhere is not None
            theirs = claim(database, elsewhere, 2)
            reports = tuple(EpochReport(fit.id, fit.attempt, 2, 1.0, 1.0, 0.9, {}) for fit in theirs)
            record_tick(database, elsewhere, Tick(1, reports, (), 1.0))
            drain_worker(database, worker.worker_id)

    worker = Worker(database, study_id, before_epoch=leave_in_the_third, lanes=1)
    worker.train()
    assert trial_rows(database, study_id)[0]["state"] == "queued"
    Worker(database, study_id).train()
    assert ends(database, study_id) == [WHOLE]


def test_a_fit_whose_worker_was_lost_is_cut_once(database: Database) -> None:
    study_id = study_of(database, FOUR)
    lost = open_run(database, study_id, worker_of(database), 30.0)
    assert lost is not None
    claimed = claim(database, lost, 4)
    reports = tuple(EpochReport(fit.id, fit.attempt, 1, 1.0, 1.0, 0.0, {}) for fit in claimed)
    record_tick(database, lost, Tick(1, reports, (), 1.0))
    with database.write() as connection:
        connection.execute(runs.update().where(runs.c.id == lost.id).values(lease_until=in_seconds(-1.0)))
    assert expire_leases(database)
    Worker(database, study_id).train()
    assert ends(database, study_id) == [CUT, CUT, ("pruned", "pruner", 4), WHOLE]
    assert [row["attempt"] for row in trial_rows(database, study_id)] == [1] * 4
