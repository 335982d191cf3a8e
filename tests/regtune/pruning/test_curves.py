"""Curves: what of them improves, and what is there beyond a trial's own epochs."""

from __future__ import annotations

import math

import numpy as np

from regtune.pruning.curves import Curves

NAN = math.nan


def test_curves_are_padded_to_the_longest() -> None:
    curves = Curves.of([[0.1, 0.2], [0.3]], [[1.0, 2.0], [3.0]])
    np.testing.assert_array_equal(curves.objectives, [[0.1, 0.2], [0.3, NAN]])
    np.testing.assert_array_equal(curves.validation_losses, [[1.0, 2.0], [3.0, NAN]])
    np.testing.assert_array_equal(curves.epochs, [2, 1])


def test_an_epoch_improves_if_its_validation_loss_is_the_lowest_so_far() -> None:
    losses = [[3.0, 2.0, 2.5, 2.0, 1.0], [1.0, 2.0, NAN, 0.5, 0.6]]
    improved = Curves.of([[0.0] * 5] * 2, losses).improved()
    np.testing.assert_array_equal(improved, [[True, True, False, False, True], [True, False, False, True, False]])


def test_a_first_epoch_whose_loss_is_no_number_does_not_improve() -> None:
    improved = Curves.of([[0.0, 0.0]] * 2, [[NAN, 1.0], [math.inf, 1.0]]).improved()
    np.testing.assert_array_equal(improved, [[False, True], [False, True]])


def test_nothing_improves_beyond_the_last_epoch() -> None:
    curves = Curves.of([[0.0] * 3, [0.0]], [[3.0, 2.0, 1.0], [1.0]])
    np.testing.assert_array_equal(curves.improved(), [[True, True, True], [True, False, False]])
    np.testing.assert_array_equal(curves.at_last(curves.improved()), [True, True])
