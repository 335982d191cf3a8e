"""States: the legal moves are whole, and an end is an end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from regtune.states import FIT_ENDED, FIT_MOVES, STUDY_ENDED, STUDY_MOVES, TRIAL_ENDED, TRIAL_MOVES

ALL_MOVES: list[Mapping[Any, frozenset[Any]]] = [STUDY_MOVES, TRIAL_MOVES, FIT_MOVES]
names = pytest.mark.parametrize("moves", ALL_MOVES, ids=["studies", "trials", "fits"])


@names
def test_every_move_leads_to_a_state_that_is_listed(moves: Mapping[str, frozenset[str]]) -> None:
    assert {following for all_following in moves.values() for following in all_following} <= moves.keys()


@names
def test_every_state_can_be_reached_from_queued(moves: Mapping[str, frozenset[str]]) -> None:
    reached, frontier = {"queued"}, {"queued"}
    while frontier:
        frontier = {following for state in frontier for following in moves[state]} - reached
        reached |= frontier
    assert reached == moves.keys()


@names
def test_no_state_follows_itself(moves: Mapping[str, frozenset[str]]) -> None:
    assert not [state for state, following in moves.items() if state in following]


def test_the_ends_of_trials_are_those_of_the_contract() -> None:
    assert frozenset({"completed", "pruned", "failed", "cancelled"}) == TRIAL_ENDED


def test_a_fit_ends_as_its_trial_does_save_for_the_label_pruned() -> None:
    assert TRIAL_ENDED - {"pruned"} == FIT_ENDED


def test_a_lost_trial_goes_back_to_the_queue() -> None:
    assert "queued" in TRIAL_MOVES["running"]


@pytest.mark.parametrize("state", sorted(STUDY_ENDED))
def test_an_ended_study_can_only_be_queued_again(state: str) -> None:
    assert ALL_MOVES[0][state] == {"queued"}


def test_a_stopping_study_does_not_run_on() -> None:
    assert STUDY_MOVES["stopping"] == STUDY_ENDED
