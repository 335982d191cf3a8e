"""The sweep: runs whose worker has not renewed their lease are taken back, with everything they trained.

What killed it may have been too many lanes, as where a system is out of memory: a worker that comes back after it holds
half as many lanes of that program.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select, update

from service.store.changes import lock_study
from service.store.clock import now
from service.store.database import Database
from service.store.endings import settle
from service.store.lane_caps import lower_cap_of_run
from service.store.returns import Returned, give_back
from service.store.tables import runs

_EXPIRED = (
    select(runs.c.id, runs.c.study_id, runs.c.worker_id)
    .where(runs.c.state == "open", runs.c.lease_until < now())
    .order_by(runs.c.lease_until)
)
# The lease is looked at again under the study's lock: its worker may have renewed it since.
_TAKE_BACK = (
    update(runs)
    .where(runs.c.id == bindparam("expired_id"), runs.c.state == "open", runs.c.lease_until < now())
    .values(state="lost", fence=runs.c.fence + 1, closed_at=now())
)


@dataclass(frozen=True, slots=True)
class ExpiredRun:
    """A run that was taken back, and what became of its fits."""

    run_id: str
    study_id: str
    worker_id: str
    fits: Returned


def expire_leases(database: Database) -> list[ExpiredRun]:
    """Takes back every run whose lease has passed: its fits are queued as another attempt, or failed.

    Any number of processes may sweep at once; each run is taken back by one.
    """
    with database.read() as connection:
        expired = connection.execute(_EXPIRED).all()
    taken: list[ExpiredRun] = []
    for run in expired:
        with database.write() as connection:
            study = lock_study(connection, run.study_id)
            if connection.execute(_TAKE_BACK, {"expired_id": run.id}).rowcount == 0:
                continue
            study, returned = give_back(connection, study, run.id, lost=True)
            settle(connection, study)
            held = len(returned.queued) + len(returned.failed)
            if held > 1:
                lower_cap_of_run(connection, run.id, held // 2)
        taken.append(ExpiredRun(run.id, run.study_id, run.worker_id, returned))
    return taken
