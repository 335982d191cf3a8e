"""What a sampler is told of a study's past: stored trials, read as points of the study's space with their outcomes."""

from __future__ import annotations

import math
from collections.abc import Mapping

from regtune.metrics import Direction
from regtune.setting import Value
from regtune.space import Dimension, SearchSpace
from regtune.states import TRIAL_ENDED
from service.coordinator.draws import options_of
from service.coordinator.sampler import Censored, Lost, Outcome, PastTrial, Pending, Point, Scored
from service.store.trials import TrialRow


def past_trial(space: SearchSpace, direction: Direction, row: TrialRow) -> PastTrial:
    """A stored trial as a sampler sees it.

    The values of trials that completed and of those that their own early stopping ended are both exact, and count
    alike; one that a cross-trial pruner cut is censored; a trial that ended without a finite number is lost.
    """
    return PastTrial(row.number, row.origin == "sampler", point_of(space, row.setting), _outcome(direction, row))


def _outcome(direction: Direction, row: TrialRow) -> Outcome:
    if row.state not in TRIAL_ENDED:
        return Pending()
    value = row.value_last if row.was_cut else row.value
    if row.state not in ("completed", "pruned") or value is None or not math.isfinite(value):
        return Lost()
    loss = -value if direction == "maximize" else value
    return Censored(row.stop["epoch"], loss) if row.stop is not None and row.was_cut else Scored(loss)


def point_of(space: SearchSpace, setting: Mapping[str, Value]) -> Point | None:
    """The setting as a point of the space, or None if it lies outside.

    It does where a value is missing or beyond its range, or where a gate is true that does not exist beside the others.
    """
    point: dict[str, Value] = {}
    for dimension in space.dimensions:
        value = setting.get(dimension.name)
        if not dimension.exists(setting):
            if dimension.type == "flag" and value is True:
                return None
            continue
        if value is None or not _contains(dimension, value):
            return None
        point[dimension.name] = value
    return point


def _contains(dimension: Dimension, value: Value) -> bool:
    if dimension.low is None or dimension.high is None:
        return value in options_of(dimension)
    return isinstance(value, int | float) and dimension.low <= value <= dimension.high
