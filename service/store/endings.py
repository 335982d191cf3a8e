"""How studies stop and end: a spent budget, a user's stop, or simply no work left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, bindparam, exists, select

from regtune.budget import StopReason, exhausted
from regtune.states import STUDY_ENDED, StudyState
from service.store.changes import LockedStudy, StopMode, add_warning, lock_study, study_changed
from service.store.database import Database
from service.store.errors import StudyEnded
from service.store.moves import move_fits, move_study, move_trials
from service.store.tables import fits, studies

FAILURES: frozenset[StopReason] = frozenset(
    {"too_many_failures", "dataset_failed", "data_corrupt", "does_not_fit", "internal"}
)

_UNFINISHED = select(exists().where(fits.c.study_id == bindparam("study_id"), fits.c.state.in_(("queued", "running"))))
_QUEUED = (
    select(fits.c.id, fits.c.trial_id, fits.c.trial_number, fits.c.epoch)
    .where(fits.c.study_id == bindparam("study_id"), fits.c.state == "queued")
    .order_by(fits.c.trial_number)
)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a study ended."""

    state: StudyState
    stop_reason: StopReason


def stop_study(
    database: Database, study_id: str, mode: StopMode, reason: StopReason = "user", why: str | None = None
) -> None:
    """Stops a study. `drain` lets running trials end, `now` ends them at their next tick; what is queued is cancelled.

    `why` is what its user should know of the reason; the study keeps it among its warnings.

    Stopping again changes nothing, except that `now` hurries a `drain`.

    Raises:
        UnknownStudy: there is none with that id.
        StudyEnded: it has ended already.
    """
    with database.write() as connection:
        study = lock_study(connection, study_id)
        if study.state in STUDY_ENDED:
            raise StudyEnded(study_id, study.state)
        if why is not None:
            add_warning(connection, study, why)
        settle(connection, begin_stop(connection, study, mode, reason))


def finish_if_done(database: Database, study_id: str) -> Ended | None:
    """Ends the study if its work is done, and begins its stop if a budget is spent; None while it has not ended."""
    with database.write() as connection:
        study = settle(connection, lock_study(connection, study_id))
    if study.state not in STUDY_ENDED or study.stop_reason is None:
        return None
    return Ended(study.state, study.stop_reason)


def space_exhausted(database: Database, study_id: str) -> None:
    """Notes that the study's sampler has no setting left to suggest; the study ends once its trials have."""
    with database.write() as connection:
        study = lock_study(connection, study_id)
        if study.space_exhausted or study.state in STUDY_ENDED:
            return
        settle(connection, study_changed(connection, replace(study, space_exhausted=True), "progress", {}))


def begin_stop(connection: Connection, study: LockedStudy, mode: StopMode, reason: StopReason) -> LockedStudy:
    """Cancels what is queued and moves the study to `stopping`; a study that stops already can only be hurried."""
    if study.state == "stopping" and (study.stop_mode == "now" or mode == "drain"):
        return study
    study = _cancel_queued(connection, study, reason)
    if study.state == "stopping":
        connection.execute(studies.update().where(studies.c.id == study.id).values(stop_mode=mode, stop_reason=reason))
        study = replace(study, stop_mode=mode, stop_reason=reason)
    else:
        study = move_study(connection, study, "stopping", stop_mode=mode, stop_reason=reason)
    return study_changed(connection, study, "study", {"state": "stopping", "stop_reason": reason})


def settle(connection: Connection, study: LockedStudy) -> LockedStudy:
    """Begins the study's stop where a budget is spent, and ends it where no work is left."""
    if study.state in STUDY_ENDED:
        return study
    # Trials are counted as they are given out, so that reaching their number stops none of them.
    reason = exhausted(study.budget, replace(study.spent, trials=0))
    if reason is not None and not is_ending_now(study):
        study = begin_stop(connection, study, "now", reason)
    return _end(connection, study) if _is_done(connection, study) else study


def is_ending_now(study: LockedStudy) -> bool:
    """Whether running fits are to end at their next tick."""
    return study.state in STUDY_ENDED or (study.state == "stopping" and study.stop_mode == "now")


def stop_by(reason: StopReason | None) -> str:
    """Who ended a trial that did not end by itself, as the contract names them."""
    return "user" if reason == "user" else "budget"


def _is_done(connection: Connection, study: LockedStudy) -> bool:
    no_more = study.state == "stopping" or study.space_exhausted or study.trials_created >= study.budget.trials
    return no_more and not connection.execute(_UNFINISHED, {"study_id": study.id}).scalar_one()


def _end(connection: Connection, study: LockedStudy) -> LockedStudy:
    reason: StopReason = study.stop_reason or (
        "budget_trials" if study.trials_created >= study.budget.trials else "space_exhausted"
    )
    if study.spent.failed_trials == study.trials_created > 0 and reason not in FAILURES:
        # There is nothing to read as its result, whichever limit came first.
        reason = "too_many_failures"
    state: StudyState = "completed"
    if reason in FAILURES:
        state = "failed"
    elif reason == "user" and study.stop_mode == "now":
        state = "stopped"
    study = move_study(connection, study, state, stop_reason=reason, waiting=None, finished_at=study.locked_at)
    return study_changed(connection, study, "study", {"state": state, "stop_reason": reason})


def _cancel_queued(connection: Connection, study: LockedStudy, reason: StopReason) -> LockedStudy:
    queued = connection.execute(_QUEUED, {"study_id": study.id}).all()
    if not queued:
        return study
    ended: Mapping[str, Any] = {"finished_at": study.locked_at}
    move_fits(connection, [{"id": row.id, **ended} for row in queued], "cancelled")
    of_trials = [row for row in queued if row.trial_id is not None]
    move_trials(
        connection,
        study,
        [
            {
                "id": row.trial_id,
                "stop": {"by": stop_by(reason), "epoch": row.epoch, "reason": f"the study stopped: {reason}"},
                **ended,
            }
            for row in of_trials
        ],
        "cancelled",
    )
    return study_changed(connection, study, "trials", {"cancelled": [row.trial_number for row in of_trials]})
