"""States are written here and nowhere else, and only along the legal moves of `regtune.states`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, Update, bindparam, or_, update

from regtune.states import FIT_MOVES, STUDY_MOVES, TRIAL_MOVES, FitState, StudyState, TrialState
from service.store.changes import LockedStudy
from service.store.errors import IllegalMove
from service.store.tables import fits, studies, trials

Row = Mapping[str, Any]
"""`id`, and what else to write in that row; all rows of a call name the same columns."""

_MOVES: Mapping[str, Mapping[Any, frozenset[Any]]] = {
    studies.name: STUDY_MOVES,
    trials.name: TRIAL_MOVES,
    fits.name: FIT_MOVES,
}


def move_fits(connection: Connection, rows: Sequence[Row], to: FitState) -> None:
    """Moves fits to a state.

    Raises:
        IllegalMove: one of them is in a state that this one may not follow.
    """
    _move(connection, fits, rows, to)


def move_trials(connection: Connection, study: LockedStudy, rows: Sequence[Row], to: TrialState) -> None:
    """Moves trials of a study to a state; they carry the version that the study gets with this.

    Raises:
        IllegalMove: one of them is in a state that this one may not follow.
    """
    _move(connection, trials, [{**row, "version": study.next_version} for row in rows], to)


def move_study(connection: Connection, study: LockedStudy, to: StudyState, **columns: Any) -> LockedStudy:
    """Moves a study to a state, and gives it in that state.

    Raises:
        IllegalMove: the study is in a state that this one may not follow.
    """
    _move(connection, studies, [{"id": study.id, **columns}], to)
    known = {name: value for name, value in columns.items() if name in LockedStudy.__slots__}
    return replace(study, state=to, **known)


def _move(connection: Connection, table: Table, rows: Sequence[Row], to: str) -> None:
    if not rows:
        return
    columns = tuple(name for name in rows[0] if name != "id")
    parameters = [{"moved_id": row["id"], **{f"new_{name}": row[name] for name in columns}} for row in rows]
    result = connection.execute(_statement(table, columns, to), parameters)
    if result.rowcount != len(rows):
        raise IllegalMove(table.name, to, len(rows), result.rowcount)


@cache
def _statement(table: Table, columns: tuple[str, ...], to: str) -> Update:
    # Not IN: its list would be expanded at each execution, which a statement for many rows cannot be.
    before = [state for state, following in _MOVES[table.name].items() if to in following]
    return (
        update(table)
        .where(table.c.id == bindparam("moved_id"), or_(*(table.c.state == state for state in before)))
        .values(state=to, **{name: bindparam(f"new_{name}") for name in columns})
    )
