"""Peers: what trials told, sorted by epoch, each epoch of a trial once."""

from __future__ import annotations

import math

from regtune.pruning.peers import Peers


def told(*reports: tuple[str, int, float]) -> Peers:
    peers = Peers()
    for report in reports:
        peers.add(*report)
    return peers


def test_values_of_an_epoch_rise_whatever_the_order_of_telling() -> None:
    peers = told(("a", 1, 0.5), ("b", 1, 0.1), ("c", 1, 0.3), ("a", 2, 0.9))
    assert [list(peers.at(epoch)) for epoch in (1, 2, 3)] == [[0.1, 0.3, 0.5], [0.9], []]


def test_an_epoch_that_is_told_again_counts_once() -> None:
    peers = told(("a", 1, 0.5), ("a", 2, 0.6), ("a", 1, 0.5), ("a", 2, 0.6))
    assert [list(peers.at(epoch)) for epoch in (1, 2)] == [[0.5], [0.6]]
    assert peers.trials == 1


def test_a_value_that_is_no_number_counts_for_its_trial_alone() -> None:
    peers = told(("a", 1, math.nan), ("b", 1, math.inf))
    assert list(peers.at(1)) == [math.inf]
    assert peers.trials == 2
