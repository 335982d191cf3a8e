"""Early stopping as the pruning signal: the label, by the values that trials ended with before, in the lock's order."""

from __future__ import annotations

from ledger_driver import Driver, completed, new_trial

from service.store.outcomes import StopBy

GOOD = [0.80, 0.81, 0.82, 0.83, 0.84, 0.85, 0.86, 0.87]


def _end(ledger: Driver, study_id: str, values: list[float], stop_by: StopBy = "early_stopping") -> list[str]:
    run, fits = ledger.start(study_id, len(values))
    ends = [completed(fit, value, stop_by, 9) for fit, value in zip(fits, values, strict=True)]
    ledger.tick(run, 1, ended=ends)
    return ledger.states(study_id)


def test_none_is_pruned_before_eight_have_ended(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(8)
    assert _end(ledger, study_id, GOOD[::-1]) == ["completed"] * 8


def test_the_ninth_is_pruned_when_half_of_the_eight_are_better(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(9)
    assert _end(ledger, study_id, [*GOOD, 0.835])[8] == "pruned"


def test_the_ninth_is_kept_when_fewer_than_half_are_better(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(9)
    assert _end(ledger, study_id, [*GOOD, 0.845])[8] == "completed"


def test_a_tie_is_kept(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(9)
    assert _end(ledger, study_id, [*GOOD, 0.84])[8] == "completed"


def test_a_pruned_trial_keeps_its_value_and_says_why(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(9)
    _end(ledger, study_id, [*GOOD, 0.1])
    trial = ledger.trials(study_id)[8]
    assert (trial["value"], trial["stop"]["by"], trial["stop"]["epoch"]) == (0.1, "early_stopping", 9)
    assert "8 of the 8" in trial["stop"]["reason"]


def test_the_label_goes_by_those_that_ended_before_it_in_the_same_tick(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(10)
    # Of nine values the best five are kept: the ninth, pruned itself, is one that the tenth is measured by.
    assert _end(ledger, study_id, [*GOOD, 0.1, 0.835])[8:] == ["pruned", "completed"]


def test_the_label_goes_by_those_that_ended_in_ticks_before(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(10)
    _end(ledger, study_id, GOOD)
    assert _end(ledger, study_id, [0.9, 0.1])[8:] == ["completed", "pruned"]


def test_a_label_is_never_revised(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(20)
    before = _end(ledger, study_id, [*GOOD, 0.1])[:9]
    assert _end(ledger, study_id, [0.95] * 11)[:9] == before


def test_the_direction_decides_what_is_better(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(9, objective={"metric": "log_loss"})
    assert _end(ledger, study_id, [*GOOD, 0.1])[8] == "completed"


def test_another_share_keeps_another_number(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(9, pruner={"kind": "early_stopping", "keep": 0.25})
    assert _end(ledger, study_id, [*GOOD, 0.855])[8] == "pruned"


def test_without_a_pruner_every_trial_that_stops_early_is_completed(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(9, pruner=None)
    assert _end(ledger, study_id, [*GOOD, 0.1])[8] == "completed"


def test_a_trial_that_trained_all_its_epochs_is_completed(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(9)
    assert _end(ledger, study_id, [*GOOD, 0.1], stop_by="epochs")[8] == "completed"


def test_baselines_and_enqueued_trials_are_never_pruned(ledger: Driver) -> None:
    study_id = ledger.study(budget={"trials": 10})
    ledger.insert(study_id, map(new_trial, range(8)))
    ledger.insert(study_id, [new_trial(8, origin="baseline"), new_trial(9, origin="enqueued")])
    assert _end(ledger, study_id, [*GOOD, 0.1, 0.1])[8:] == ["completed", "completed"]


def test_the_value_of_a_baseline_is_one_to_be_measured_by(ledger: Driver) -> None:
    study_id = ledger.study(budget={"trials": 9})
    ledger.insert(study_id, [new_trial(0, origin="baseline"), *map(new_trial, range(1, 9))])
    assert _end(ledger, study_id, [*GOOD, 0.1])[8] == "pruned"


def test_a_failed_trial_has_no_value_to_be_measured_by(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(9)
    assert _end(ledger, study_id, [*GOOD[:7], float("nan"), 0.1])[8] == "completed"
