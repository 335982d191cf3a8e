"""What becomes of the fits of a run that ends before they do: queued again, failed for good, or cancelled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from service.store.changes import LockedStudy, study_changed
from service.store.endings import is_ending_now, stop_by
from service.store.moves import move_fits, move_trials
from service.store.tables import fits, reports

MOST_LOSSES = 3
"""A fit that lost this many workers is failed: it is likely what kills them."""

_Running = Row[*tuple[Any, ...]]
_Epochs = dict[str, tuple[int, float]]

_RUNNING = (
    select(fits.c.id, fits.c.trial_id, fits.c.trial_number, fits.c.attempt, fits.c.losses, fits.c.device_seconds)
    .where(fits.c.run_id == bindparam("of_run"), fits.c.state == "running")
    .order_by(fits.c.trial_number, fits.c.id)
)
_TRAINED = (
    select(
        reports.c.fit_id,
        func.max(reports.c.epoch).label("epoch"),
        func.sum(reports.c.device_seconds).label("device_seconds"),
    )
    .where(reports.c.fit_id.in_(bindparam("fit_ids", expanding=True)))
    .group_by(reports.c.fit_id)
)


@dataclass(frozen=True, slots=True)
class Returned:
    """What became of a run's fits, by id."""

    queued: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    cancelled: tuple[str, ...] = ()


def trained(connection: Connection, fit_ids: list[str]) -> dict[str, tuple[int, float]]:
    """The last epoch and the device seconds of each fit over all its attempts; those without a report are left out."""
    return {row.fit_id: (row.epoch, row.device_seconds) for row in connection.execute(_TRAINED, {"fit_ids": fit_ids})}


def give_back(connection: Connection, study: LockedStudy, run_id: str, *, lost: bool) -> tuple[LockedStudy, Returned]:
    """Takes the running fits of a run away from it. A lost worker counts as a loss of each and as another attempt.

    Their trials move with them; a fit keeps its seed.
    """
    running: list[_Running] = list(connection.execute(_RUNNING, {"of_run": run_id}))
    if not running:
        return study, Returned()
    epochs = trained(connection, [fit.id for fit in running])
    if is_ending_now(study):
        return _cancel(connection, study, running, epochs)
    failed = [fit for fit in running if lost and fit.losses + 1 >= MOST_LOSSES]
    queued = [fit for fit in running if fit not in failed]
    _queue(connection, study, queued, epochs, losses=int(lost))
    _fail(connection, study, failed, epochs)
    study = replace(study, trials_failed=study.trials_failed + sum(fit.trial_id is not None for fit in failed))
    moved = {"queued": _numbers(queued), "failed": _numbers(failed)}
    study = study_changed(connection, study, "trials", {state: numbers for state, numbers in moved.items() if numbers})
    return study, Returned(queued=_ids(queued), failed=_ids(failed))


def _queue(connection: Connection, study: LockedStudy, running: list[_Running], epochs: _Epochs, losses: int) -> None:
    again = [
        {
            "id": fit.id,
            "run_id": None,
            "attempt": fit.attempt + losses,
            "losses": fit.losses + losses,
            **_cost(fit, epochs),
        }
        for fit in running
    ]
    move_fits(connection, again, "queued")
    rows = [{"id": fit.trial_id, "attempt": fit.attempt + losses} for fit in running if fit.trial_id is not None]
    move_trials(connection, study, rows, "queued")


def _fail(connection: Connection, study: LockedStudy, running: list[_Running], epochs: _Epochs) -> None:
    error = {
        "code": "worker_lost",
        "message": f"{MOST_LOSSES} workers were lost while they trained it",
        "epoch": None,
        "detail": None,
    }
    ended = {"error": error, "finished_at": study.locked_at}
    rows = [{"id": fit.id, "losses": fit.losses + 1, **_cost(fit, epochs), **ended} for fit in running]
    move_fits(connection, rows, "failed")
    move_trials(
        connection, study, [{"id": fit.trial_id, **ended} for fit in running if fit.trial_id is not None], "failed"
    )


def _cancel(
    connection: Connection, study: LockedStudy, running: list[_Running], epochs: _Epochs
) -> tuple[LockedStudy, Returned]:
    reason = f"the study stopped: {study.stop_reason}"
    move_fits(
        connection,
        [{"id": fit.id, "finished_at": study.locked_at, **_cost(fit, epochs)} for fit in running],
        "cancelled",
    )
    rows = [
        {
            "id": fit.trial_id,
            "stop": {"by": stop_by(study.stop_reason), "epoch": epochs.get(fit.id, (0, 0.0))[0], "reason": reason},
            "finished_at": study.locked_at,
        }
        for fit in running
        if fit.trial_id is not None
    ]
    move_trials(connection, study, rows, "cancelled")
    study = study_changed(connection, study, "trials", {"cancelled": _numbers(running)})
    return study, Returned(cancelled=_ids(running))


def _cost(fit: _Running, epochs: _Epochs) -> dict[str, Any]:
    epoch, device_seconds = epochs.get(fit.id, (0, 0.0))
    return {"epoch": epoch, "device_seconds": device_seconds}


def _ids(rows: list[_Running]) -> tuple[str, ...]:
    return tuple(row.id for row in rows)


def _numbers(rows: list[_Running]) -> list[int]:
    return [row.trial_number for row in rows if row.trial_number is not None]
