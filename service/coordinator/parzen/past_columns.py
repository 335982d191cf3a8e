"""The past of a study as columns: a row for each trial number, filled in as trials are told."""

from __future__ import annotations

import numpy as np

from service.coordinator.parzen.axes import ABSENT, Axes, Floats, Places, Rows
from service.coordinator.sampler import Censored, PastTrial, Pending, Scored

FIRST_ROWS = 256


class Columns:
    """What is known of each trial, at the row of its number, so that the order of telling leaves no trace.

    A row without a trial, and that of a trial that was lost or lies outside the space, counts neither as scored nor
    as pending.
    """

    def __init__(self, axes: Axes) -> None:
        self._axes = axes
        self._rows = Rows(np.empty((0, axes.numbers)), np.empty((0, axes.choices), dtype=np.int64))
        self._losses = np.empty(0)
        self._cut_epochs = np.empty(0)
        self._end = 0

    def take(self, trial: PastTrial) -> None:
        """Takes in a trial that is new or whose outcome has changed."""
        if trial.point is None:
            return
        self._make_room(trial.number + 1)
        if np.isnan(self._losses[trial.number]):
            row = self._axes.row(trial.point)
            self._rows.shares[trial.number] = row.shares[0]
            self._rows.options[trial.number] = row.options[0]
        self._losses[trial.number] = _loss(trial)
        self._cut_epochs[trial.number] = trial.outcome.epochs if isinstance(trial.outcome, Censored) else np.inf

    def losses(self) -> Floats:
        """The loss of each trial number, that of its last epoch if it was cut.

        It is infinite while the trial is pending, and NaN where there is nothing to learn.
        """
        return self._losses[: self._end]

    def cut_epochs(self) -> Floats:
        """After how many epochs each trial number was cut; infinite where it was not."""
        return self._cut_epochs[: self._end]

    def rows(self, numbers: Places) -> Rows:
        """The points of the trials with these numbers."""
        return self._rows.at(numbers)

    def _make_room(self, end: int) -> None:
        self._end = max(self._end, end)
        missing = self._end - len(self._losses)
        if missing > 0:
            added = max(missing, len(self._losses), FIRST_ROWS)
            self._losses = np.pad(self._losses, (0, added), constant_values=np.nan)
            self._cut_epochs = np.pad(self._cut_epochs, (0, added), constant_values=np.inf)
            self._rows = Rows(
                np.pad(self._rows.shares, ((0, added), (0, 0)), constant_values=np.nan),
                np.pad(self._rows.options, ((0, added), (0, 0)), constant_values=ABSENT),
            )


def _loss(trial: PastTrial) -> float:
    if isinstance(trial.outcome, Scored | Censored):
        return trial.outcome.loss
    return np.inf if isinstance(trial.outcome, Pending) else np.nan
