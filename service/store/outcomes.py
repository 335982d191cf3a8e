"""Outcomes: how a fit ended, and what becomes of its trial, early stopped ones labelled as the contract says."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, insert, select

from regtune.metrics import Direction
from regtune.pruning import Stop, label_early_stopped
from regtune.states import FitState, TrialState
from service.store.changes import LockedStudy, study_changed
from service.store.moves import move_fits, move_trials
from service.store.numbers import finite_document, stored
from service.store.returns import trained
from service.store.tables import studies, trial_values, trials

StopBy = Literal["epochs", "early_stopping", "pruner", "budget", "user"]

_SAVES_EPOCHS: frozenset[StopBy] = frozenset({"early_stopping", "pruner"})


@dataclass(frozen=True, slots=True)
class Completed:
    """The fit ended with a value, the objective at its best epoch; `stop_epoch` is the last epoch trained.

    The value of one that a cross-trial pruner cut is that of its best epoch so far: the trial's own is censored.
    """

    value: float
    value_last: float
    best_epoch: int
    stop_by: StopBy
    stop_epoch: int
    reason: str
    metrics: Mapping[str, float]
    gap: float


@dataclass(frozen=True, slots=True)
class Failed:
    """The fit ended without a value; `code` is for programs, `epoch` is where it diverged, `detail` its last lines."""

    code: str
    message: str
    epoch: int | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class FitEnded:
    """The end of one attempt of a fit."""

    fit_id: str
    attempt: int
    outcome: Completed | Failed


@dataclass(frozen=True, slots=True)
class RunningFit:
    """What the ledger knows of a fit that a run trains."""

    id: str
    attempt: int
    epochs: int
    trial_id: str
    trial_number: int


@dataclass
class _Labels:
    """The study's early stopping pruner and the values to label by, in the order in which trials end."""

    direction: Direction
    keep: float | None
    origins: Mapping[str, str]
    ended_values: list[float]

    @classmethod
    def of(cls, connection: Connection, study_id: str, trial_ids: Sequence[str]) -> _Labels:
        definition, direction = connection.execute(_DEFINITION, {"study_id": study_id}).one()
        pruner = definition["pruner"]
        if pruner is None or pruner["kind"] != "early_stopping":
            return cls(direction, None, {}, [])
        origins = {row.id: row.origin for row in connection.execute(_ORIGINS, {"trial_ids": list(trial_ids)})}
        values = connection.execute(_ENDED_VALUES, {"study_id": study_id}).scalars()
        return cls(direction, pruner["keep"], origins, list(values))

    def state_of(self, fit: RunningFit, outcome: Completed) -> tuple[TrialState, str]:
        """The state in which a trial ends with a value, and why."""
        if outcome.stop_by == "user":
            return "cancelled", outcome.reason
        if outcome.stop_by == "pruner":
            return "pruned", outcome.reason
        state: TrialState = "completed"
        reason = outcome.reason
        if self.keep is not None and outcome.stop_by == "early_stopping" and self.origins[fit.trial_id] == "sampler":
            verdict = label_early_stopped(outcome.value, self.ended_values, self.keep, self.direction)
            if isinstance(verdict, Stop):
                state, reason = "pruned", f"{outcome.reason}; {verdict.reason}"
        if math.isfinite(outcome.value):
            self.ended_values.append(outcome.value)
        return state, reason


@dataclass
class _Rows:
    """What to write, by the state that it moves to."""

    fits: dict[FitState, list[dict[str, Any]]] = field(default_factory=dict)
    trials: dict[TrialState, list[dict[str, Any]]] = field(default_factory=dict)
    numbers: dict[str, list[int]] = field(default_factory=dict)
    values: list[dict[str, Any]] = field(default_factory=list)


# What the trial would have come to is not known; its fit's result holds what it had.
_CENSORED = {"value": None, "value_kind": None, "gap": None, "gap_kind": None}
_DEFINITION = select(studies.c.definition, studies.c.direction).where(studies.c.id == bindparam("study_id"))
_ORIGINS = select(trials.c.id, trials.c.origin).where(trials.c.id.in_(bindparam("trial_ids", expanding=True)))
_ENDED_VALUES = select(trials.c.value).where(trials.c.study_id == bindparam("study_id"), trials.c.value.is_not(None))


def end_fits(
    connection: Connection, study: LockedStudy, running: Mapping[str, RunningFit], ended: Sequence[FitEnded]
) -> LockedStudy:
    """Moves fits and their trials to their ends, in the order given, and counts what failed and what was saved."""
    labels = _Labels.of(connection, study.id, [running[end.fit_id].trial_id for end in ended])
    spent = trained(connection, [end.fit_id for end in ended])
    rows = _Rows()
    for end in ended:
        fit = running[end.fit_id]
        epoch, device_seconds = spent.get(fit.id, (0, 0.0))
        written = {"epoch": epoch, "device_seconds": device_seconds, "finished_at": study.locked_at}
        of_trial = {"cost": {"epochs": epoch, "device_seconds": device_seconds}, "finished_at": study.locked_at}
        if isinstance(end.outcome, Failed):
            _fail(rows, fit, end.outcome, written, of_trial)
            study = replace(study, trials_failed=study.trials_failed + 1)
        else:
            _complete(rows, fit, end.outcome, labels, written, of_trial)
            if end.outcome.stop_by in _SAVES_EPOCHS:
                study = replace(study, epochs_saved=study.epochs_saved + fit.epochs - end.outcome.stop_epoch)
    for fit_state, of_fits in rows.fits.items():
        move_fits(connection, of_fits, fit_state)
    for trial_state, of_trials in rows.trials.items():
        move_trials(connection, study, of_trials, trial_state)
    if rows.values:
        connection.execute(insert(trial_values), rows.values)
    return study_changed(connection, study, "trials", rows.numbers)


def _fail(rows: _Rows, fit: RunningFit, outcome: Failed, written: dict[str, Any], of_trial: dict[str, Any]) -> None:
    error = {
        "code": outcome.code,
        "message": outcome.message,
        "epoch": outcome.epoch,
        "detail": outcome.detail,
    }
    rows.fits.setdefault("failed", []).append({"id": fit.id, "error": error, **written})
    rows.trials.setdefault("failed", []).append({"id": fit.trial_id, "error": error, **of_trial})
    rows.numbers.setdefault("failed", []).append(fit.trial_number)


def _complete(
    rows: _Rows,
    fit: RunningFit,
    outcome: Completed,
    labels: _Labels,
    written: dict[str, Any],
    of_trial: dict[str, Any],
) -> None:
    state, reason = labels.state_of(fit, outcome)
    stop = {"by": outcome.stop_by, "epoch": outcome.stop_epoch, "reason": reason}
    numbers = _numbers(outcome)
    result = {**finite_document(numbers), "best_epoch": outcome.best_epoch, "stop": stop}
    fit_state: FitState = "cancelled" if state == "cancelled" else "completed"
    rows.fits.setdefault(fit_state, []).append({"id": fit.id, "result": result, **written})
    trial = {"id": fit.trial_id, "stop": stop, **of_trial}
    if state != "cancelled":
        trial |= {
            **numbers,
            **(_CENSORED if outcome.stop_by == "pruner" else {}),
            "best_epoch": outcome.best_epoch,
            "metrics": finite_document(outcome.metrics),
        }
    if state != "cancelled" and outcome.stop_by != "pruner":
        rows.values.append(
            {
                "trial_id": fit.trial_id,
                "objective_index": 0,
                "value": numbers["value"],
                "value_kind": numbers["value_kind"],
            }
        )
    rows.trials.setdefault(state, []).append(trial)
    rows.numbers.setdefault(state, []).append(fit.trial_number)


def _numbers(outcome: Completed) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name, number in (("value", outcome.value), ("value_last", outcome.value_last), ("gap", outcome.gap)):
        columns[name], columns[f"{name}_kind"] = stored(number)
    return columns
