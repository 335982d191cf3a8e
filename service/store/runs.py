"""Runs: a worker opens one, renews its lease, and gives back what it holds; a fence tells it from its successors."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, exists, insert, or_, select, update

from service.store.changes import lock_study
from service.store.clock import in_seconds, now
from service.store.database import Database
from service.store.endings import settle
from service.store.errors import LeaseLost
from service.store.ids import new_id
from service.store.returns import give_back
from service.store.tables import fits, runs, studies

_FIRST_FENCE = 1

CLAIMABLE = or_(
    studies.c.state.in_(("queued", "running")),
    # What is queued while a study drains was running before: its worker was lost or gave it back.
    (studies.c.state == "stopping") & (studies.c.stop_mode == "drain"),
)
"""Whether a study's queued fits may be handed out."""

_HAS_CLAIMABLE = select(
    exists()
    .where(studies.c.id == bindparam("study_id"), CLAIMABLE)
    .where(fits.c.study_id == studies.c.id, fits.c.state == "queued")
)
IS_HELD = (
    runs.c.id == bindparam("held_id"),
    runs.c.fence == bindparam("held_fence"),
    runs.c.state == "open",
)
_HOLD = select(runs.c.program_digest, runs.c.tick, runs.c.drain, runs.c.losses, runs.c.lane_limit).where(*IS_HELD)
_RENEW = (
    update(runs)
    .where(*IS_HELD)
    .values(
        lease_seconds=bindparam("seconds"),
        lease_until=in_seconds(bindparam("seconds", type_=runs.c.lease_seconds.type)),
    )
)
_CLOSE = update(runs).where(*IS_HELD).values(state="closed", closed_at=now())


@dataclass(frozen=True, slots=True)
class Run:
    """One worker's lease on lanes of one program of one study; `program_digest` is None until its first claim."""

    id: str
    study_id: str
    fence: int
    program_digest: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A held run as it is stored: its program, last tick, whether to drain, and what a run of suspects may take."""

    program_digest: str | None
    tick: int
    drain: bool
    losses: int | None
    lane_limit: int | None


def open_run(database: Database, study_id: str, worker_id: str, lease_seconds: float) -> Run | None:
    """A new run on a study, held for `lease_seconds` from now; None where nothing could be claimed."""
    with database.write() as connection:
        lock_study(connection, study_id)
        if not connection.execute(_HAS_CLAIMABLE, {"study_id": study_id}).scalar_one():
            return None
        run = Run(new_id(), study_id, _FIRST_FENCE)
        connection.execute(
            insert(runs).values(
                id=run.id,
                study_id=study_id,
                worker_id=worker_id,
                fence=run.fence,
                state="open",
                lease_seconds=lease_seconds,
                lease_until=in_seconds(lease_seconds),
                tick=0,
                drain=False,
                opened_at=now(),
            )
        )
        return run


def hold(connection: Connection, run: Run) -> Held:
    """What the ledger knows of a run that is still held.

    Raises:
        LeaseLost: the run was taken back or closed.
    """
    row = connection.execute(_HOLD, {"held_id": run.id, "held_fence": run.fence}).one_or_none()
    if row is None:
        raise LeaseLost(run.id)
    return Held(*row)


def drains(database: Database, run: Run) -> bool:
    """Whether the run is to give back what it holds and leave.

    Raises:
        LeaseLost: the run was taken back or closed.
    """
    with database.read() as connection:
        return hold(connection, run).drain


def renew(database: Database, run: Run, lease_seconds: float) -> None:
    """Holds the run for `lease_seconds` from now. Needs no lock of the study, so that a long tick delays no heartbeat.

    Raises:
        LeaseLost: the run was taken back or closed.
    """
    with database.write() as connection:
        parameters = {"held_id": run.id, "held_fence": run.fence, "seconds": lease_seconds}
        if connection.execute(_RENEW, parameters).rowcount == 0:
            raise LeaseLost(run.id)


def release(database: Database, run: Run) -> None:
    """Closes the run. Fits that it still trains are queued again, with their attempt and losses as they were.

    Raises:
        LeaseLost: the run was taken back or closed.
    """
    with database.write() as connection:
        study = lock_study(connection, run.study_id)
        if connection.execute(_CLOSE, {"held_id": run.id, "held_fence": run.fence}).rowcount == 0:
            raise LeaseLost(run.id)
        study, _ = give_back(connection, study, run.id, lost=False)
        settle(connection, study)
