"""Stops and budgets: what is handed out no more, what is cancelled, and how the study ends."""

from __future__ import annotations

from typing import Any

import pytest
from ledger_driver import EPOCHS, Driver, completed, failed, new_trial, report

from service.store.claims import claim
from service.store.endings import finish_if_done, space_exhausted, stop_study
from service.store.errors import StudyEnded


def _end(ledger: Driver, study_id: str) -> tuple[str, str | None]:
    study = ledger.study_row(study_id)
    return study["state"], study["stop_reason"]


def test_a_drain_cancels_what_is_queued_and_lets_the_rest_end(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    run, (fit,) = ledger.start(study_id, 1)
    stop_study(ledger.database, study_id, "drain")
    assert ledger.states(study_id) == ["running", "cancelled"]
    assert ledger.tick(run, 1, [report(fit, 1)]).cancel == ()
    ledger.tick(run, 2, ended=[completed(fit)])
    assert ledger.states(study_id) == ["completed", "cancelled"]
    assert _end(ledger, study_id) == ("completed", "user")


def test_a_stop_now_cancels_what_runs_at_its_next_tick(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2)
    run, (fit,) = ledger.start(study_id, 1)
    stop_study(ledger.database, study_id, "now")
    answer = ledger.tick(run, 1, [report(fit, 1)])
    assert (answer.cancel, answer.stop_reason) == ((fit.id,), "user")
    assert _end(ledger, study_id) == ("stopping", "user")
    ledger.tick(run, 2, ended=[completed(fit, stop_by="user", stop_epoch=1)])
    assert ledger.states(study_id) == ["cancelled", "cancelled"]
    assert ledger.trials(study_id)[0]["stop"] == {"by": "user", "epoch": 1, "reason": "it ended"}
    assert _end(ledger, study_id) == ("stopped", "user")


@pytest.mark.parametrize(("mode", "state"), [("drain", "completed"), ("now", "stopped")])
def test_a_stop_of_a_study_that_runs_nothing_ends_it_at_once(ledger: Driver, mode: Any, state: str) -> None:
    study_id = ledger.study_with_trials(2)
    stop_study(ledger.database, study_id, mode)
    assert _end(ledger, study_id) == (state, "user")


def test_a_drain_can_be_hurried(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    run, (fit,) = ledger.start(study_id, 1)
    stop_study(ledger.database, study_id, "drain")
    stop_study(ledger.database, study_id, "now")
    assert ledger.tick(run, 1).cancel == (fit.id,)


def test_a_stop_now_is_not_slowed_down_by_a_drain(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    run, (fit,) = ledger.start(study_id, 1)
    stop_study(ledger.database, study_id, "now")
    stop_study(ledger.database, study_id, "drain")
    assert ledger.tick(run, 1).cancel == (fit.id,)


def test_a_study_that_has_ended_is_not_stopped_again(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    stop_study(ledger.database, study_id, "now")
    with pytest.raises(StudyEnded):
        stop_study(ledger.database, study_id, "now")


def test_a_study_that_stops_takes_no_more_trials(ledger: Driver) -> None:
    study_id = ledger.study(budget={"trials": 9})
    ledger.insert(study_id, [new_trial(0)])
    ledger.start(study_id, 1)
    stop_study(ledger.database, study_id, "drain")
    assert ledger.insert(study_id, [new_trial(1)]) == ()


@pytest.mark.parametrize(
    ("budget", "reason"),
    [({"epochs": 2}, "budget_epochs"), ({"device_seconds": 2.0}, "budget_device")],
)
def test_a_spent_budget_cancels_what_is_queued_and_ends_what_runs(
    ledger: Driver, budget: dict[str, Any], reason: str
) -> None:
    study_id = ledger.study_with_trials(4, budget=budget)
    run, (fit,) = ledger.start(study_id, 1)
    assert ledger.tick(run, 1, [report(fit, 1)]).cancel == ()
    answer = ledger.tick(run, 2, [report(fit, 2)])
    assert (answer.cancel, answer.stop_reason) == ((fit.id,), reason)
    assert ledger.states(study_id) == ["running", "cancelled", "cancelled", "cancelled"]
    ledger.tick(run, 3, ended=[completed(fit, stop_by="budget", stop_epoch=2)])
    trial = ledger.trials(study_id)[0]
    assert (trial["state"], trial["stop"]["by"], trial["value"]) == ("completed", "budget", 0.5)
    assert _end(ledger, study_id) == ("completed", reason)


def test_a_budget_that_is_spent_as_the_last_fit_ends_ends_the_study_in_that_tick(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(4, budget={"epochs": 1})
    run, (fit,) = ledger.start(study_id, 1)
    ledger.tick(run, 1, [report(fit, 1)], [completed(fit)])
    assert _end(ledger, study_id) == ("completed", "budget_epochs")


def test_epochs_that_running_fits_promise_are_not_handed_out_again(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(9, budget={"epochs": 2 * EPOCHS + 5})
    run, fits = ledger.start(study_id, 9)
    assert len(fits) == 3
    ledger.tick(run, 1, [report(fit, 1) for fit in fits], [completed(fits[0], stop_by="early_stopping", stop_epoch=1)])
    assert len(claim(ledger.database, run, 9)) == 1


@pytest.mark.parametrize("moment", ["tick", "insert", "claim", "sweep"])
def test_a_wall_budget_is_seen_wherever_work_is_handed_out(ledger: Driver, moment: str) -> None:
    study_id = ledger.study_with_trials(3, budget={"trials": 9, "wall_seconds": 100.0})
    run, (fit,) = ledger.start(study_id, 1)
    ledger.start_ago(study_id, 101.0)
    if moment == "tick":
        assert ledger.tick(run, 1, [report(fit, 1)]).cancel == (fit.id,)
    elif moment == "insert":
        assert ledger.insert(study_id, [new_trial(3)]) == ()
    elif moment == "claim":
        assert claim(ledger.database, run, 1) == ()
    else:
        assert finish_if_done(ledger.database, study_id) is None
    assert _end(ledger, study_id) == ("stopping", "budget_wall")
    assert ledger.states(study_id) == ["running", "cancelled", "cancelled"]


def test_a_wall_budget_does_not_run_before_the_study_starts(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1, budget={"wall_seconds": 100.0})
    assert finish_if_done(ledger.database, study_id) is None


def test_too_many_failures_fail_the_study(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(5, budget={"failed_trials": 2})
    run, fits = ledger.start(study_id, 3)
    answer = ledger.tick(run, 1, ended=[failed(fits[0]), failed(fits[1])])
    assert (answer.cancel, answer.stop_reason) == ((fits[2].id,), "too_many_failures")
    ledger.tick(run, 2, ended=[completed(fits[2], stop_by="budget", stop_epoch=1)])
    assert ledger.states(study_id) == ["failed", "failed", "completed", "cancelled", "cancelled"]
    assert _end(ledger, study_id) == ("failed", "too_many_failures")


def test_a_study_of_which_every_trial_failed_has_failed(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2, budget={"trials": 2})
    run, fits = ledger.start(study_id, 2)
    ledger.tick(run, 1, ended=[failed(fit) for fit in fits])
    assert _end(ledger, study_id) == ("failed", "too_many_failures")


def test_a_drain_that_runs_out_of_budget_is_cut(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1, budget={"epochs": 1})
    run, (fit,) = ledger.start(study_id, 1)
    stop_study(ledger.database, study_id, "drain")
    assert ledger.tick(run, 1, [report(fit, 1)]).cancel == (fit.id,)
    ledger.tick(run, 2, ended=[completed(fit, stop_by="budget")])
    assert _end(ledger, study_id) == ("completed", "budget_epochs")


def test_an_exhausted_space_ends_the_study_once_its_trials_have(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1, budget={"trials": 9})
    run, (fit,) = ledger.start(study_id, 1)
    space_exhausted(ledger.database, study_id)
    assert _end(ledger, study_id) == ("running", None)
    ledger.tick(run, 1, ended=[completed(fit)])
    assert _end(ledger, study_id) == ("completed", "space_exhausted")


def test_a_space_exhausted_after_the_last_trial_ends_the_study_at_once(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1, budget={"trials": 9})
    run, (fit,) = ledger.start(study_id, 1)
    ledger.tick(run, 1, ended=[completed(fit)])
    space_exhausted(ledger.database, study_id)
    assert _end(ledger, study_id) == ("completed", "space_exhausted")


def test_a_study_is_not_done_while_it_wants_trials(ledger: Driver) -> None:
    study_id = ledger.study(budget={"trials": 2})
    assert finish_if_done(ledger.database, study_id) is None
    assert _end(ledger, study_id) == ("queued", None)


def test_how_a_study_ended_is_told_again(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1)
    stop_study(ledger.database, study_id, "now")
    ended = finish_if_done(ledger.database, study_id)
    assert ended is not None
    assert (ended.state, ended.stop_reason) == ("stopped", "user")
