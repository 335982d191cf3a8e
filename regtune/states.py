"""The states of studies, trials and fits, and the legal moves between them, as data.

A state maps to those that may follow it; one without any is an end. One function of the store writes states, and
refuses what is not listed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

StudyState = Literal["queued", "running", "paused", "stopping", "completed", "stopped", "failed"]
TrialState = Literal["queued", "running", "completed", "pruned", "failed", "cancelled"]
FitState = Literal["queued", "running", "completed", "failed", "cancelled"]

STUDY_MOVES: Mapping[StudyState, frozenset[StudyState]] = {
    "queued": frozenset({"running", "paused", "stopping", "completed", "stopped", "failed"}),
    "running": frozenset({"paused", "stopping", "completed", "stopped", "failed"}),
    "paused": frozenset({"queued", "running", "stopping", "completed", "stopped", "failed"}),
    "stopping": frozenset({"completed", "stopped", "failed"}),
    # An ended study whose budget is raised takes up its work again.
    "completed": frozenset({"queued"}),
    "stopped": frozenset({"queued"}),
    "failed": frozenset({"queued"}),
}

TRIAL_MOVES: Mapping[TrialState, frozenset[TrialState]] = {
    "queued": frozenset({"running", "cancelled"}),
    # Back to queued: its worker was lost, or gave the trial back.
    "running": frozenset({"queued", "completed", "pruned", "failed", "cancelled"}),
    "completed": frozenset(),
    "pruned": frozenset(),
    "failed": frozenset(),
    "cancelled": frozenset(),
}

FIT_MOVES: Mapping[FitState, frozenset[FitState]] = {
    "queued": frozenset({"running", "cancelled"}),
    "running": frozenset({"queued", "completed", "failed", "cancelled"}),
    "completed": frozenset(),
    "failed": frozenset(),
    "cancelled": frozenset(),
}

STUDY_ENDED: frozenset[StudyState] = frozenset({"completed", "stopped", "failed"})
TRIAL_ENDED: frozenset[TrialState] = frozenset(state for state, following in TRIAL_MOVES.items() if not following)
FIT_ENDED: frozenset[FitState] = frozenset(state for state, following in FIT_MOVES.items() if not following)
