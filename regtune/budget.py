"""What a study has spent of its budget, and whether that is all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from regtune.study.definition import Budget

StopReason = Literal[
    "budget_trials",
    "budget_epochs",
    "budget_device",
    "budget_wall",
    "budget_cost",
    "stagnation",
    "space_exhausted",
    "user",
    "too_many_failures",
    "dataset_failed",
    "data_corrupt",
    "does_not_fit",
    "internal",
]


@dataclass(frozen=True, slots=True)
class Spent:
    """What a study has spent and promised: trial numbers given out, epochs trained, seconds, trials that failed."""

    trials: int = 0
    epochs: int = 0
    device_seconds: float = 0.0
    wall_seconds: float = 0.0
    failed_trials: int = 0


def exhausted(budget: Budget, spent: Spent) -> StopReason | None:
    """Why no more work may be handed out, or None while more may.

    A limit is reached by spending exactly that much. Of several reached at once, the one that a user can do least
    about in the study itself is named first: failures, time, epochs, trials.
    """
    reached: tuple[tuple[StopReason, float, float | None], ...] = (
        ("too_many_failures", spent.failed_trials, budget.failed_trials),
        ("budget_wall", spent.wall_seconds, budget.wall_seconds),
        ("budget_device", spent.device_seconds, budget.device_seconds),
        ("budget_epochs", spent.epochs, budget.epochs),
        ("budget_trials", spent.trials, budget.trials),
    )
    return next((reason for reason, used, limit in reached if limit is not None and used >= limit), None)
