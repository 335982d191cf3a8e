"""Lane caps: how many lanes of a program a worker can hold, learned where it held too many.

A cap is lowered and never raised. It is the worker's own and ends with it: the next one may stand on another machine,
and begins with what its memory says. A training process that is killed is followed by another of the same worker.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from service.store.database import Database
from service.store.errors import RunWithoutProgram
from service.store.runs import Run, hold
from service.store.tables import lane_caps, runs

_OF_RUN = select(runs.c.program_digest, runs.c.worker_id, bindparam("new_cap", type_=lane_caps.c.cap.type)).where(
    runs.c.id == bindparam("of_run")
)


def _lowering(insert: Any) -> Any:
    statement = insert(lane_caps).from_select(["program_digest", "worker_id", "cap"], _OF_RUN)
    return statement.on_conflict_do_update(
        index_elements=["program_digest", "worker_id"],
        set_={"cap": statement.excluded.cap},
        where=statement.excluded.cap < lane_caps.c.cap,
    )


_LOWER = {"sqlite": _lowering(sqlite.insert), "postgresql": _lowering(postgresql.insert)}


def lower_lane_cap(database: Database, run: Run, cap: int) -> None:
    """Notes that the run's worker can hold `cap` lanes of its program, at least 1, and not as many as it tried.

    Raises:
        LeaseLost: the run was taken back or closed.
        RunWithoutProgram: the run has claimed nothing yet.
    """
    with database.write() as connection:
        if hold(connection, run).program_digest is None:
            raise RunWithoutProgram(run.id)
        lower_cap_of_run(connection, run.id, cap)


def lower_cap_of_run(connection: Connection, run_id: str, cap: int) -> None:
    """Likewise, of a run that has claimed something, whether it is held still or lost."""
    connection.execute(_LOWER[connection.dialect.name], {"of_run": run_id, "new_cap": cap})
