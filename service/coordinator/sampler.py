"""The interface of samplers: what one is told of a study's past, and what is asked of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from regtune.setting import Value

Point = Mapping[str, Value]
"""Dimension → value; dimensions that belong to a gate that is false are absent."""

QUEUED_AHEAD_TRIALS = 256


@dataclass(frozen=True, slots=True)
class Pending:
    """The trial is queued or running."""


@dataclass(frozen=True, slots=True)
class Scored:
    """The trial ended with a finite value; `loss` is that value, negated where the study maximizes."""

    loss: float


@dataclass(frozen=True, slots=True)
class Censored:
    """A cross-trial pruner cut the trial after `epochs`, with `loss` there; what it would have come to is not known.

    What is known is an order, that of Optuna's own estimator: it stands behind every trial with a value, since it fell
    behind its peers, and before those that were cut sooner, since it got further; of those cut at the same epoch the
    lesser loss is the better.
    """

    epochs: int
    loss: float


@dataclass(frozen=True, slots=True)
class Lost:
    """The trial ended without a value: it failed, was cancelled, or its value is not a finite number."""


Outcome = Pending | Scored | Censored | Lost


@dataclass(frozen=True, slots=True)
class PastTrial:
    """One trial of the study's past.

    `point` is None where the trial's setting lies outside the space, as that of a baseline may; `sampled` says that a
    sampler suggested it.
    """

    number: int
    sampled: bool
    point: Point | None
    outcome: Outcome


class Sampler(ABC):
    """Suggests the points of one study's space.

    A sampler that does not learn answers from the study's seed and the trial's place alone; one that learns is told
    the past first, and owes the same answer to the same past.
    """

    def pending_limit(self, finished: int) -> int:
        """The most suggestions that may wait or run at once, when `finished` trials have a value or were cut."""
        return QUEUED_AHEAD_TRIALS

    def learn(self, trials: Sequence[PastTrial]) -> None:
        """Take in trials that are new or whose outcome has changed, in the order of their numbers."""
        return

    @abstractmethod
    def suggest(self, number: int, rank: int) -> Point | None:
        """The point of trial `number`, the `rank`-th (from 0) that the sampler gives out; None when none is left.

        The rank differs from the number where baselines and enqueued trials hold numbers: sequences that must not
        have holes (a grid, a low-discrepancy sequence) go by rank, independent draws by number.
        """
