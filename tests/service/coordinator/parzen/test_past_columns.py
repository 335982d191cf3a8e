"""The past as columns: a row for each trial number, whatever the order of telling."""

from __future__ import annotations

import numpy as np

from regtune.space import SearchSpace
from service.coordinator.parzen.axes import Axes
from service.coordinator.parzen.past_columns import FIRST_ROWS, Columns
from service.coordinator.sampler import Censored, Lost, Outcome, PastTrial, Pending, Scored


def trial(number: int, outcome: Outcome, x: float = 0.0) -> PastTrial:
    return PastTrial(number, sampled=True, point={"x": x, "y": 1e-3, "z": 1e-3}, outcome=outcome)


def columns_of(space: SearchSpace, *trials: PastTrial) -> Columns:
    columns = Columns(Axes(space))
    for each in trials:
        columns.take(each)
    return columns


def test_outcomes_are_losses(bowl_space: SearchSpace) -> None:
    columns = columns_of(bowl_space, trial(0, Scored(0.5)), trial(1, Pending()), trial(2, Lost()))
    np.testing.assert_array_equal(columns.losses(), [0.5, np.inf, np.nan])


def test_a_cut_trial_has_its_last_loss_and_its_epochs_beside_it(bowl_space: SearchSpace) -> None:
    columns = columns_of(bowl_space, trial(0, Scored(0.5)), trial(1, Censored(4, 0.7)))
    np.testing.assert_array_equal(columns.losses(), [0.5, 0.7])
    np.testing.assert_array_equal(columns.cut_epochs(), [np.inf, 4.0])


def test_an_outcome_replaces_the_one_before(bowl_space: SearchSpace) -> None:
    columns = columns_of(bowl_space, trial(0, Pending()), trial(1, Pending()), trial(0, Scored(0.5)), trial(1, Lost()))
    np.testing.assert_array_equal(columns.losses(), [0.5, np.nan])


def test_numbers_that_were_never_told_and_points_outside_the_space_are_nothing(bowl_space: SearchSpace) -> None:
    columns = columns_of(bowl_space, trial(2, Scored(0.5)), PastTrial(3, False, None, Scored(0.1)))
    np.testing.assert_array_equal(columns.losses(), [np.nan, np.nan, 0.5])


def test_rows_are_found_by_number_however_many_there_are(bowl_space: SearchSpace) -> None:
    last = 3 * FIRST_ROWS
    columns = columns_of(bowl_space, *(trial(number, Scored(0.0), x=number / last) for number in range(last + 1)))
    found = columns.rows(np.array([0, FIRST_ROWS, last])).shares[:, 0]
    np.testing.assert_allclose(found, [0.5, 0.5 + FIRST_ROWS / last / 2, 1.0])
