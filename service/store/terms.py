"""The terms of a claim: which fits a run may take, and how many of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select, update

from service.store.changes import LockedStudy
from service.store.runs import Held, Run
from service.store.tables import fits, reports, runs

SUSPECT_LOSSES = 2
"""A fit that lost this many workers may be what kills them, and is trained with its like alone."""


_QUEUED = select(fits.c.program_digest, fits.c.losses).where(
    fits.c.study_id == bindparam("study_id"), fits.c.state == "queued"
)
_FIRST = _QUEUED.order_by(fits.c.trial_number.nulls_last(), fits.c.fold, fits.c.repeat, fits.c.id).limit(1)
_PROGRAM_OF_RUN = select(runs.c.program_digest).where(runs.c.id == bindparam("of_run"))
_HELD_LANES = (
    select(func.count()).select_from(fits).where(fits.c.run_id == bindparam("of_run"), fits.c.state == "running")
)
_FIX = (
    update(runs)
    .where(runs.c.id == bindparam("of_run"))
    .values(program_digest=bindparam("digest"), losses=bindparam("of_losses"), lane_limit=bindparam("limit"))
)
_TRAINED_OF_RUNNING = (
    select(func.count())
    .select_from(fits.join(reports, (reports.c.fit_id == fits.c.id) & (reports.c.attempt == fits.c.attempt)))
    .where(fits.c.study_id == bindparam("study_id"), fits.c.state == "running")
)
_EPOCHS_OF_RUNNING = select(func.coalesce(func.sum(fits.c.epochs), 0)).where(
    fits.c.study_id == bindparam("study_id"), fits.c.state == "running"
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a claim may take: which program, of how many losses exactly (None: not suspect), and how many fits."""

    digest: str
    losses: int | None
    count: int


def terms_of(connection: Connection, run: Run, held: Held, count: int) -> Terms | None:
    """The terms that the run's first claim fixed, or those that this first one fixes; None where nothing is queued."""
    if held.program_digest is not None:
        if held.lane_limit is not None:
            busy = connection.execute(_HELD_LANES, {"of_run": run.id}).scalar_one()
            count = min(count, held.lane_limit - busy)
        return Terms(held.program_digest, held.losses, count) if count > 0 else None
    first = connection.execute(_FIRST, {"study_id": run.study_id}).one_or_none()
    if first is None:
        return None
    losses = first.losses if first.losses >= SUSPECT_LOSSES else None
    limit = None if losses is None else max(1, count // 2 ** (losses - 1))
    connection.execute(_FIX, {"of_run": run.id, "digest": first.program_digest, "of_losses": losses, "limit": limit})
    return Terms(first.program_digest, losses, count if limit is None else limit)


def another_program_is_first(connection: Connection, run: Run) -> bool:
    """Whether the study's first queued fit, with which a new run would begin, is of another program than this run."""
    first = connection.execute(_FIRST, {"study_id": run.study_id}).one_or_none()
    own = connection.execute(_PROGRAM_OF_RUN, {"of_run": run.id}).scalar_one_or_none()
    return first is not None and first.program_digest != own


def affordable(connection: Connection, study: LockedStudy, epochs: list[int]) -> int:
    """How many of these fits may be handed out before the epochs spent and promised reach the budget."""
    if study.budget.epochs is None:
        return len(epochs)
    of_study = {"study_id": study.id}
    promised = connection.execute(_EPOCHS_OF_RUNNING, of_study).scalar_one()
    promised -= connection.execute(_TRAINED_OF_RUNNING, of_study).scalar_one()
    left = study.budget.epochs - study.epochs_run - promised
    for taken, epochs_of_fit in enumerate(epochs):
        if left <= 0:
            return taken
        left -= epochs_of_fit
    return len(epochs)
