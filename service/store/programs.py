"""Programs: which engine trains the fits of each, decided once by whoever trains first."""

from __future__ import annotations

from sqlalchemy import bindparam, select, update

from service.store.changes import add_warning, lock_study, study_changed
from service.store.claims import Engine
from service.store.database import Database
from service.store.errors import RunWithoutProgram
from service.store.runs import Run, hold
from service.store.tables import fits, programs

_OF_PROGRAM = (programs.c.study_id == bindparam("of_study"), programs.c.digest == bindparam("of_digest"))
_BIND = (
    update(programs)
    .where(*_OF_PROGRAM, programs.c.engine.is_(None))
    .values(engine=bindparam("new_engine"), engine_reason=bindparam("new_reason"))
)
_BIND_FITS = (
    update(fits)
    .where(fits.c.study_id == bindparam("of_study"), fits.c.program_digest == bindparam("of_digest"))
    .values(engine=bindparam("new_engine"))
)
_BOUND = select(programs.c.engine).where(*_OF_PROGRAM)


def bind_engine(database: Database, run: Run, engine: Engine, reason: str, warning: str | None = None) -> Engine:
    """The engine of the run's program: the one given, unless another worker has bound it before.

    `warning` is what the study's user should know of the choice; it is kept if the choice is.

    Raises:
        LeaseLost: the run was taken back or closed.
        RunWithoutProgram: the run has claimed nothing yet.
    """
    with database.write() as connection:
        study = lock_study(connection, run.study_id)
        digest = hold(connection, run).program_digest
        if digest is None:
            raise RunWithoutProgram(run.id)
        program = {"of_study": study.id, "of_digest": digest}
        if connection.execute(_BIND, {**program, "new_engine": engine, "new_reason": reason}).rowcount:
            connection.execute(_BIND_FITS, {**program, "new_engine": engine})
            if warning is not None:
                add_warning(connection, study, warning)
                study_changed(connection, study, "study", {"state": study.state})
        bound: Engine = connection.execute(_BOUND, program).scalar_one()
        return bound
