"""Asynchronous successive halving: who goes on at a rung, and who is spared there."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regtune.pruning import Keep, Stop
from regtune.pruning.asha import Asha
from regtune.pruning.curves import Curves
from regtune.pruning.peers import AtEpochs, Peers
from regtune.study import AshaPruner

Curve = Sequence[float]


def asha(**asked: int) -> Asha:
    return Asha(AshaPruner.model_validate({"min_epochs": 1, "reduction_factor": 2, **asked}), "maximize")


def peers_at(rungs: dict[int, list[float]]) -> Peers:
    """Peers with these values at rungs, those of the trial in question among them."""
    peers = Peers()
    for rung, values in rungs.items():
        for number, value in enumerate(values):
            peers.add(f"{rung}/{number}", rung, value)
    return peers


def verdict(pruner: Asha, objectives: Curve, losses: Curve, peers: Peers) -> Keep | Stop:
    (found,) = pruner.prune(Curves.of([objectives], [losses]), peers)
    return found


def test_rungs_grow_by_the_factor_up_to_the_epochs_of_the_study() -> None:
    assert asha(min_epochs=3, reduction_factor=4).compares_with(200) == AtEpochs((3, 12, 48, 192))
    assert asha(min_epochs=10).compares_with(9) == AtEpochs(())


# Of five trials the best two go on.
@pytest.mark.parametrize(("value", "kept"), [(0.5, True), (0.4, True), (0.3, False), (0.1, False)])
def test_the_best_share_goes_on(value: float, kept: bool) -> None:
    peers = peers_at({1: [0.1, 0.2, 0.3, 0.4, 0.5]})
    assert isinstance(verdict(asha(spare_improving=False), [value], [1.0], peers), Keep) is kept


def test_of_the_first_ones_the_best_goes_on() -> None:
    pruner, peers = asha(reduction_factor=4, spare_improving=False), peers_at({1: [0.4, 0.6]})
    assert verdict(pruner, [0.6], [1.0], peers) == Keep()
    assert isinstance(verdict(pruner, [0.4], [1.0], peers), Stop)


def test_the_reason_says_where_and_among_how_many() -> None:
    found = verdict(asha(spare_improving=False), [0.1], [1.0], peers_at({1: [0.1, 0.2, 0.3, 0.4, 0.5]}))
    assert found == Stop("at epoch 1 it was not among the best 2 of the 5 trials that reached it")


def test_an_objective_that_is_no_number_at_a_rung_is_stopped() -> None:
    found = verdict(asha(spare_improving=False), [math.nan], [1.0], peers_at({1: [0.1]}))
    assert found == Stop("its objective at epoch 1 is not a number")


def test_between_rungs_nobody_is_judged() -> None:
    peers = peers_at({1: [0.1, 0.9], 2: [0.1, 0.9], 4: [0.1, 0.9]})
    pruner = asha(spare_improving=False)
    judged = [isinstance(verdict(pruner, [0.1] * epochs, [1.0] * epochs, peers), Stop) for epochs in (1, 2, 3, 4, 5)]
    assert judged == [True, True, False, True, False]


def test_one_that_improves_at_a_rung_is_judged_where_it_first_does_not() -> None:
    peers = peers_at({4: [0.1, 0.9]})
    losses = [1.0, 0.9, 0.8, 0.7, 0.6, 0.65, 0.66]
    pruner = asha(min_epochs=4, reduction_factor=4)
    judged = [isinstance(verdict(pruner, [0.1] * epochs, losses[:epochs], peers), Stop) for epochs in range(1, 8)]
    assert judged == [False, False, False, False, False, True, False]


def test_one_that_is_judged_late_is_judged_by_what_it_had_at_the_rung() -> None:
    peers = peers_at({4: [0.5, 0.9]})
    pruner = asha(min_epochs=4, reduction_factor=4)
    objectives, losses = [0.5, 0.5, 0.5, 0.5, 0.99], [1.0, 0.9, 0.8, 0.7, 0.7]
    assert isinstance(verdict(pruner, objectives, losses, peers), Stop)


def test_one_that_improves_up_to_the_next_rung_is_judged_there_alone() -> None:
    peers = peers_at({1: [0.1, 0.9], 2: [0.5, 0.6]})
    assert verdict(asha(), [0.1, 0.6, 0.6], [1.0, 0.9, 0.9], peers) == Keep()


def test_one_that_does_not_improve_at_the_rung_is_judged_there_once() -> None:
    peers = peers_at({2: [0.1, 0.9]})
    pruner = asha(min_epochs=2, reduction_factor=4)
    judged = [
        isinstance(verdict(pruner, [0.1] * epochs, [1.0, 1.1, 1.2, 1.3][:epochs], peers), Stop)
        for epochs in (1, 2, 3, 4)
    ]
    assert judged == [False, True, False, False]


numbers = st.sampled_from([0.0, 0.25, 0.5, 0.75, math.nan])
trials = st.lists(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=9), min_size=1, max_size=6)


@given(curves=trials, spare=st.booleans())
def test_a_verdict_does_not_depend_on_who_else_is_asked_about(
    curves: list[list[tuple[float, float]]], spare: bool
) -> None:
    objectives, losses = ([[point[place] for point in curve] for curve in curves] for place in (0, 1))
    peers = peers_at({rung: [curve[rung - 1] for curve in objectives if len(curve) >= rung] for rung in (1, 2, 4, 8)})
    pruner = asha(spare_improving=spare)
    together = pruner.prune(Curves.of(objectives, losses), peers)
    assert together == [verdict(pruner, *of_trial, peers) for of_trial in zip(objectives, losses, strict=True)]


@given(curves=trials)
def test_none_is_cut_at_an_epoch_that_is_its_best_so_far(curves: list[list[tuple[float, float]]]) -> None:
    objectives, losses = ([[point[place] for point in curve] for curve in curves] for place in (0, 1))
    told = Curves.of(objectives, losses)
    peers = peers_at({rung: [1.0] * 9 for rung in (1, 2, 4, 8)})
    verdicts = asha().prune(told, peers)
    improves = told.at_last(told.improved())
    assert all(found == Keep() for found, is_best in zip(verdicts, improves, strict=True) if is_best)
