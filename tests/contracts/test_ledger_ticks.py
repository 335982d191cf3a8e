"""Ticks: written whole or not at all, once, and only under the present fence."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import pytest
from ledger_driver import EPOCHS, Driver, completed, failed, report

from regtune.states import TRIAL_MOVES
from service.store.changes import lock_study
from service.store.endings import stop_study
from service.store.errors import IllegalMove, LeaseLost, NotOfThisRun, TickOutOfOrder
from service.store.moves import move_trials
from service.store.reports import EpochReport, curve
from service.store.runs import release, renew


def test_a_tick_writes_its_reports(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    run, fits = ledger.start(study_id, 2)
    ledger.tick(run, 1, [report(fit, 1, loss=0.25, objective=0.75) for fit in fits], device_seconds=3.0)
    rows = ledger.reports(study_id)
    assert [(row["attempt"], row["epoch"], row["train_loss"], row["objective"]) for row in rows] == [
        (0, 1, 0.25, 0.75)
    ] * 2
    assert [row["device_seconds"] for row in rows] == [1.5, 1.5]


def test_a_tick_counts_what_it_spent(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    run, fits = ledger.start(study_id, 2)
    ledger.tick(run, 1, [report(fit, 1) for fit in fits], device_seconds=3.0)
    ledger.tick(run, 2, [report(fit, 2) for fit in fits], device_seconds=0.5)
    study = ledger.study_row(study_id)
    assert (study["epochs_run"], study["device_seconds"]) == (4, 3.5)


def test_a_fit_that_ends_ends_its_trial_with_its_numbers(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    run, (fit,) = ledger.start(study_id, 1)
    ledger.tick(run, 1, [report(fit, 1)], [completed(fit, 0.75, "epochs")], device_seconds=2.0)
    (trial,) = ledger.trials(study_id)
    assert (trial["state"], trial["value"], trial["value_kind"], trial["best_epoch"]) == (
        "completed",
        0.75,
        "finite",
        1,
    )
    assert trial["stop"] == {"by": "epochs", "epoch": EPOCHS, "reason": "it ended"}
    assert (trial["metrics"], trial["cost"]) == ({"accuracy": 0.75}, {"epochs": 1, "device_seconds": 2.0})
    assert ledger.fits(study_id)[0]["state"] == "completed"


def test_a_diverged_fit_fails_its_trial_and_no_other(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    run, (first, _) = ledger.start(study_id, 2)
    ledger.tick(run, 1, ended=[failed(first, epoch=3)])
    trial, neighbour = ledger.trials(study_id)
    assert (trial["state"], trial["stop"], trial["value"]) == ("failed", None, None)
    assert (trial["error"]["code"], trial["error"]["epoch"]) == ("diverged", 3)
    assert neighbour["state"] == "running"


def test_the_last_trial_that_ends_ends_the_study(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    run, (first, second) = ledger.start(study_id, 2)
    ledger.tick(run, 1, ended=[completed(first)])
    assert ledger.study_row(study_id)["state"] == "running"
    answer = ledger.tick(run, 2, ended=[failed(second)])
    study = ledger.study_row(study_id)
    assert (study["state"], study["stop_reason"], answer.stop_reason) == ("completed", "budget_trials", "budget_trials")
    assert study["finished_at"] is not None


def test_what_early_stopping_saved_is_counted(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(3)
    run, fits = ledger.start(study_id, 3)
    ends = [completed(fits[0], stop_by="early_stopping", stop_epoch=12), completed(fits[1]), failed(fits[2])]
    ledger.tick(run, 1, ended=ends)
    assert ledger.study_row(study_id)["epochs_saved"] == EPOCHS - 12


def test_the_same_tick_twice_changes_nothing(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    run, (first, second) = ledger.start(study_id, 2)
    ledger.tick(run, 1, [report(first, 1), report(second, 1)], [completed(first)])
    before = ledger.snapshot(study_id)
    ledger.tick(run, 1, [report(first, 1), report(second, 1)], [completed(first)])
    assert ledger.snapshot(study_id) == before


def test_the_same_tick_twice_is_answered_alike(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    run, (first, second) = ledger.start(study_id, 2)
    stop_study(ledger.database, study_id, "now")
    ended = [completed(first, stop_by="user")]
    answer = ledger.tick(run, 1, ended=ended)
    assert answer.cancel == (second.id,)
    assert ledger.tick(run, 1, ended=ended) == answer


def test_a_tick_that_skips_one_is_refused(ledger: Driver) -> None:
    run, (fit,) = ledger.start(ledger.study_with_trials(1), 1)
    with pytest.raises(TickOutOfOrder):
        ledger.tick(run, 2, [report(fit, 1)])


def test_a_tick_with_a_stale_fence_changes_nothing(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    run, (fit,) = ledger.start(study_id, 1)
    before = ledger.snapshot(study_id)
    with pytest.raises(LeaseLost):
        ledger.tick(replace(run, fence=run.fence - 1), 1, [report(fit, 1)], [completed(fit)])
    assert ledger.snapshot(study_id) == before


def test_a_tick_of_a_closed_run_changes_nothing(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    run, (fit,) = ledger.start(study_id, 1)
    release(ledger.database, run)
    before = ledger.snapshot(study_id)
    with pytest.raises(LeaseLost):
        ledger.tick(run, 1, [report(fit, 1)])
    assert ledger.snapshot(study_id) == before


def test_a_report_that_is_there_is_never_altered(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    run, (fit,) = ledger.start(study_id, 1)
    ledger.tick(run, 1, [report(fit, 1, loss=0.5)])
    ledger.tick(run, 2, [report(fit, 1, loss=9.0), report(fit, 2, loss=0.25)])
    assert [row["train_loss"] for row in ledger.reports(study_id)] == [0.5, 0.25]


def test_a_report_of_another_runs_fit_is_refused_whole(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    run, (own,) = ledger.start(study_id, 1)
    _, (foreign,) = ledger.start(study_id, 1)
    before = ledger.snapshot(study_id)
    with pytest.raises(NotOfThisRun):
        ledger.tick(run, 1, [report(own, 1), report(foreign, 1)])
    assert ledger.snapshot(study_id) == before


def test_a_report_of_another_attempt_is_refused(ledger: Driver) -> None:
    run, (fit,) = ledger.start(ledger.study_with_trials(1), 1)
    with pytest.raises(NotOfThisRun):
        ledger.tick(run, 1, [report(replace(fit, attempt=1), 1)])


@pytest.mark.parametrize(
    ("number", "kind"), [(0.5, "finite"), (math.nan, "nan"), (math.inf, "+inf"), (-math.inf, "-inf")]
)
def test_a_number_that_is_not_finite_is_stored_as_its_kind(ledger: Driver, number: float, kind: str) -> None:
    study_id = ledger.study_with_trials(1)
    run, (fit,) = ledger.start(study_id, 1)
    ledger.tick(run, 1, [EpochReport(fit.id, 0, 1, number, number, number, {"auroc": number})])
    (row,) = ledger.reports(study_id)
    stored = 0.5 if kind == "finite" else None
    assert (row["validation_loss"], row["validation_loss_kind"]) == (stored, kind)
    assert row["metrics"] == {"auroc": stored}
    with ledger.database.read() as connection:
        (point,) = curve(connection, study_id, 0)
    assert point.validation_loss == pytest.approx(number, nan_ok=True)


def test_a_value_that_is_not_finite_is_stored_as_its_kind(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    run, (fit,) = ledger.start(study_id, 1)
    ledger.tick(run, 1, ended=[completed(fit, math.nan)])
    (trial,) = ledger.trials(study_id)
    assert (trial["state"], trial["value"], trial["value_kind"]) == ("completed", None, "nan")


def test_a_tick_renews_the_lease(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    run, (fit,) = ledger.start(study_id, 1)
    ledger.expire(run)
    ledger.tick(run, 1, [report(fit, 1)])
    renew(ledger.database, run, 1.0)
    study = ledger.study_row(study_id)
    assert study["started_at"].utcoffset() == timedelta(0)


def test_a_renewal_under_a_stale_fence_is_refused(ledger: Driver) -> None:
    run = ledger.open(ledger.study_with_trials(1))
    with pytest.raises(LeaseLost):
        renew(ledger.database, replace(run, fence=run.fence + 1), 1.0)


def test_a_state_never_moves_where_no_legal_move_leads(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    (trial,) = ledger.trials(study_id)
    assert "completed" not in TRIAL_MOVES["queued"]
    with pytest.raises(IllegalMove), ledger.database.write() as connection:
        move_trials(connection, lock_study(connection, study_id), [{"id": trial["id"]}], "completed")
    assert ledger.states(study_id) == ["queued"]
