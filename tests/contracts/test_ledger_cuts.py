"""Trials that a cross-trial pruner cuts: pruned, with a censored value, and what their peers have is read on."""

from __future__ import annotations

import math

import pytest
from ledger_driver import EPOCHS, Driver, completed, failed, report

from regtune.pruning.peers import AtEpochs, OfCompleted
from service.store.claims import ClaimedFit
from service.store.errors import IllegalMove, NotOfThisRun, UnknownStudy
from service.store.peers import PeerNews, peer_news
from service.store.runs import release
from service.store.trials import best

ASHA = {"kind": "asha"}
RUNGS = AtEpochs((1, 4))


def test_it_is_pruned_by_the_pruner_with_its_epoch_and_reason(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2, pruner=ASHA)
    run, fits = ledger.start(study_id, 2)
    ledger.tick(run, 1, ended=[completed(fits[0], 0.9, "pruner", 4)])
    trial = ledger.trials(study_id)[0]
    assert (trial["state"], trial["stop"]) == ("pruned", {"by": "pruner", "epoch": 4, "reason": "it ended"})


def test_its_value_is_censored_and_its_last_one_is_kept(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2, pruner=ASHA)
    run, fits = ledger.start(study_id, 2)
    ledger.tick(run, 1, ended=[completed(fits[0], 0.9, "pruner", 4)])
    trial = ledger.trials(study_id)[0]
    assert (trial["value"], trial["value_kind"], trial["gap"], trial["value_last"]) == (None, None, None, 0.9)
    assert ledger.fits(study_id)[0]["result"]["value"] == 0.9


def test_it_is_not_the_best_of_its_study(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2, pruner=ASHA)
    run, fits = ledger.start(study_id, 2)
    ledger.tick(run, 1, ended=[completed(fits[0], 0.9, "pruner", 4), completed(fits[1], 0.1)])
    with ledger.database.read() as connection:
        found = best(connection, study_id, "maximize")
    assert found is not None
    assert found.number == 1


def test_the_epochs_that_it_did_not_train_are_saved(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2, pruner=ASHA)
    run, fits = ledger.start(study_id, 2)
    ledger.tick(run, 1, ended=[completed(fits[0], 0.9, "pruner", 4), completed(fits[1], 0.1, "early_stopping", 9)])
    assert ledger.study_row(study_id)["epochs_saved"] == 2 * EPOCHS - 4 - 9


@pytest.mark.parametrize("pruner", [ASHA, {"kind": "median"}], ids=["asha", "median"])
def test_a_trial_that_its_own_rule_ends_is_completed_under_it(ledger: Driver, pruner: dict[str, str]) -> None:
    study_id = ledger.study_with_trials(9, pruner=pruner)
    run, fits = ledger.start(study_id, 9)
    ends = [completed(fit, 1.0 - number / 10, "early_stopping", 9) for number, fit in enumerate(fits)]
    ledger.tick(run, 1, ended=ends)
    assert ledger.states(study_id) == ["completed"] * 9


def test_the_study_ends_when_its_last_trial_is_cut(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1, pruner=ASHA)
    run, fits = ledger.start(study_id, 1)
    ledger.tick(run, 1, ended=[completed(fits[0], 0.9, "pruner", 4)])
    assert ledger.study_row(study_id)["state"] == "completed"


def test_a_fit_that_was_cut_does_not_end_again(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2, pruner=ASHA)
    run, fits = ledger.start(study_id, 2)
    ledger.tick(run, 1, ended=[completed(fits[0], 0.9, "pruner", 4)])
    before = ledger.snapshot(study_id)
    with pytest.raises((NotOfThisRun, IllegalMove)):
        ledger.tick(run, 2, ended=[completed(fits[0], 0.9)])
    assert ledger.snapshot(study_id) == before


def test_a_claimed_fit_tells_whose_it_is_and_how_far_it_was(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2, pruner=ASHA)
    run, fits = ledger.start(study_id, 2)
    ledger.tick(run, 1, [report(fits[0], 1)])
    release(ledger.database, run)
    _, again = ledger.start(study_id, 2)
    assert [(fit.origin, fit.epoch) for fit in again] == [("sampler", 1), ("sampler", 0)]


def told(news: PeerNews, fits: tuple[ClaimedFit, ...]) -> list[tuple[int | None, int, float]]:
    numbers = {fit.id: fit.trial_number for fit in fits}
    return sorted((numbers[of.fit_id] or 0, of.epoch, of.objective) for of in news.reports)


def test_at_epochs_all_trials_are_compared_whatever_became_of_them(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(4, pruner=ASHA)
    run, fits = ledger.start(study_id, 4)
    ledger.tick(run, 1, [report(fit, 1, objective=number / 10) for number, fit in enumerate(fits)])
    ledger.tick(run, 2, [report(fits[3], 2)], ended=[completed(fits[0], 0.0, "pruner", 1), failed(fits[1])])
    news = peer_news(ledger.database, study_id, RUNGS)
    assert told(news, fits) == [(0, 1, 0.0), (1, 1, 0.1), (2, 1, 0.2), (3, 1, 0.3)]


def test_what_trains_is_read_again_and_what_ended_before_is_not(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(3, pruner=ASHA)
    run, fits = ledger.start(study_id, 3)
    ledger.tick(run, 1, [report(fit, 1) for fit in fits], ended=[completed(fits[0], 0.5, "pruner", 1)])
    since = peer_news(ledger.database, study_id, RUNGS).version
    ledger.tick(run, 2, [report(fit, 4, objective=0.7) for fit in fits[1:]])
    news = peer_news(ledger.database, study_id, RUNGS, since)
    assert told(news, fits) == [(1, 1, 0.5), (1, 4, 0.7), (2, 1, 0.5), (2, 4, 0.7)]


def test_a_trial_that_ends_between_two_looks_is_not_missed(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(2, pruner=ASHA)
    run, fits = ledger.start(study_id, 2)
    since = peer_news(ledger.database, study_id, RUNGS).version
    ledger.tick(run, 1, [report(fits[0], 1)], ended=[completed(fits[0], 0.5, "pruner", 1)])
    assert told(peer_news(ledger.database, study_id, RUNGS, since), fits) == [(0, 1, 0.5)]


def test_whole_curves_are_those_of_completed_trials(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(3, pruner={"kind": "median"})
    run, fits = ledger.start(study_id, 3)
    for epoch in (1, 2):
        ledger.tick(run, epoch, [report(fit, epoch, objective=epoch / 10) for fit in fits])
    ledger.tick(run, 3, ended=[completed(fits[0], 0.2, "early_stopping", 2), completed(fits[1], 0.2, "pruner", 2)])
    first = peer_news(ledger.database, study_id, OfCompleted())
    assert told(first, fits) == [(0, 1, 0.1), (0, 2, 0.2)]
    assert peer_news(ledger.database, study_id, OfCompleted(), first.version).reports == ()


def test_an_objective_that_is_not_a_number_is_read_as_none(ledger: Driver) -> None:
    study_id = ledger.study_with_trials(1, pruner=ASHA)
    run, fits = ledger.start(study_id, 1)
    ledger.tick(run, 1, [report(fits[0], 1, objective=math.nan)])
    (found,) = peer_news(ledger.database, study_id, RUNGS).reports
    assert math.isnan(found.objective)


def test_an_unknown_study_has_no_peers(ledger: Driver) -> None:
    with pytest.raises(UnknownStudy):
        peer_news(ledger.database, "nobody", RUNGS)
