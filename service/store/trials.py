"""Trials as they are read: rows, pages, one with its fits, the best, and what changed since a version."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, bindparam, select, tuple_

from regtune.metrics import Direction
from regtune.setting import Setting
from regtune.states import FitState, TrialState
from service.store.database import Database
from service.store.errors import UnknownStudy, UnknownTrial
from service.store.numbers import finite_or_none, loaded
from service.store.pages import Key, Page, PageRequest, token_of
from service.store.tables import fits, studies, trial_values, trials

Origin = Literal["baseline", "sampler", "enqueued", "imported"]
ORDERS = ("number", "-number", "value", "-value")


@dataclass(frozen=True, slots=True)
class TrialRow:
    """A trial as it is stored; its numbers may be non-finite, and are None until it ends with them.

    One that a cross-trial pruner cut has a last value alone: what it would have come to is not known.
    """

    id: str
    study_id: str
    number: int
    state: TrialState
    version: int
    attempt: int
    origin: Origin
    enqueued_by: str | None
    setting: Setting
    setting_digest: str
    program_digest: str
    stop: dict[str, Any] | None
    error: dict[str, Any] | None
    value: float | None
    value_last: float | None
    gap: float | None
    best_epoch: int | None
    metrics: dict[str, float | None] | None
    cost: dict[str, float] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def was_cut(self) -> bool:
        """Whether a cross-trial pruner ended it, so that its value is censored."""
        return self.stop is not None and self.stop["by"] == "pruner"


@dataclass(frozen=True, slots=True)
class FitRow:
    """A fit as it is stored."""

    id: str
    role: str
    fold: int
    repeat: int
    seed: int
    epochs: int
    state: FitState
    attempt: int
    losses: int
    program_digest: str
    engine: str | None
    run_id: str | None
    epoch: int
    resumed_from: int | None
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    device_seconds: float
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class History:
    """The trials of a study that changed since a version, and the version to ask from next time."""

    version: int
    trials: tuple[TrialRow, ...]


_Row = Row[*tuple[Any, ...]]
_NUMBERS = ("value", "value_last", "gap")
_BY_NUMBER = select(trials).where(trials.c.study_id == bindparam("study_id"), trials.c.number == bindparam("number"))
_FITS = (
    select(*(fits.c[name] for name in FitRow.__slots__))
    .where(fits.c.trial_id == bindparam("trial_id"))
    .order_by(fits.c.role, fits.c.repeat, fits.c.fold)
)
_VALUES = (
    select(trial_values.c.value, trial_values.c.value_kind)
    .where(trial_values.c.trial_id == bindparam("trial_id"))
    .order_by(trial_values.c.objective_index)
)
_SINCE = (
    select(trials)
    .where(trials.c.study_id == bindparam("study_id"), trials.c.version > bindparam("since"))
    .order_by(trials.c.number)
)
_VERSION = select(studies.c.version).where(studies.c.id == bindparam("study_id"))


def trial(connection: Connection, study_id: str, number: int) -> TrialRow:
    """A trial by its number.

    Raises:
        UnknownTrial: the study has none.
    """
    row = connection.execute(_BY_NUMBER, {"study_id": study_id, "number": number}).one_or_none()
    if row is None:
        raise UnknownTrial(number)
    return _trial_of(row)


def fits_of_trial(connection: Connection, trial_id: str) -> tuple[FitRow, ...]:
    """A trial's fits, by role, repeat and fold."""
    return tuple(FitRow(*row) for row in connection.execute(_FITS, {"trial_id": trial_id}))


def values_of_trial(connection: Connection, trial_id: str) -> tuple[float | None, ...]:
    """A trial's values, one for each objective; empty until it ends with them."""
    return tuple(loaded(*row) for row in connection.execute(_VALUES, {"trial_id": trial_id}))


def list_trials(
    connection: Connection,
    study_id: str,
    page: PageRequest,
    *,
    states: Collection[TrialState] = (),
    origin: Origin | None = None,
) -> Page[TrialRow]:
    """A page of a study's trials, by `number` or by `value`; `states` and `origin` filter.

    By value, equal ones go by number and trials without one come last.

    Raises:
        BadPage: the token or the order is none of this list.
    """
    order = page.order(ORDERS)
    statement = select(trials).where(trials.c.study_id == study_id)
    if states:
        statement = statement.where(trials.c.state.in_(sorted(states)))
    if origin is not None:
        statement = statement.where(trials.c.origin == origin)
    by_value = order.endswith("value")
    place = f"trials of {study_id} {order}"
    after = page.after(place, (float, int) if by_value else (int,))
    parts = _by_value(statement, order, after) if by_value else _by_number(statement, order, after)
    rows: list[TrialRow] = []
    for part in parts:
        rows += [_trial_of(row) for row in connection.execute(part.limit(page.size + 1 - len(rows)))]
        if len(rows) > page.size:
            last = rows[page.size - 1]
            key: Key = [finite_or_none(last.value), last.number] if by_value else [last.number]
            return Page(tuple(rows[: page.size]), token_of(place, key))
    return Page(tuple(rows), None)


def best(connection: Connection, study_id: str, direction: Direction) -> TrialRow | None:
    """The trial with the best finite value, the earliest of equals; None until one has ended with a value.

    One that a cross-trial pruner cut has none: it is censored.
    """
    value = trials.c.value.desc() if direction == "maximize" else trials.c.value
    row = connection.execute(
        select(trials)
        .where(trials.c.study_id == study_id, trials.c.value.is_not(None))
        .order_by(value, trials.c.number)
        .limit(1)
    ).one_or_none()
    return None if row is None else _trial_of(row)


def history(database: Database, study_id: str, since: int = 0) -> History:
    """The trials that changed after version `since`, by number; 0 for all of them.

    Raises:
        UnknownStudy: there is none with that id.
    """
    with database.read() as connection:
        version = connection.execute(_VERSION, {"study_id": study_id}).scalar_one_or_none()
        if version is None:
            raise UnknownStudy(study_id)
        rows = connection.execute(_SINCE, {"study_id": study_id, "since": since}).all()
    changed = tuple(_trial_of(row) for row in rows)
    # Rows read a moment after the version may be newer than it; asking from the older one again loses nothing.
    return History(version, changed)


def _by_number(statement: Select[Any], order: str, after: Key | None) -> list[Select[Any]]:
    number = trials.c.number
    if order.startswith("-"):
        statement = statement if after is None else statement.where(number < after[0])
        return [statement.order_by(number.desc())]
    statement = statement if after is None else statement.where(number > after[0])
    return [statement.order_by(number)]


def _by_value(statement: Select[Any], order: str, after: Key | None) -> list[Select[Any]]:
    """Trials with a value, then those without: apart, as no index has both in an order that serves here."""
    place = tuple_(trials.c.value, trials.c.number)
    valued = statement.where(trials.c.value.is_not(None))
    without = statement.where(trials.c.value.is_(None)).order_by(trials.c.number)
    if after is not None and after[0] is None:
        return [without.where(trials.c.number > after[1])]
    # Equal values in the order of the index, too: its one direction or the other.
    if order.startswith("-"):
        valued = valued if after is None else valued.where(place < tuple_(*after))
        return [valued.order_by(trials.c.value.desc(), trials.c.number.desc()), without]
    valued = valued if after is None else valued.where(place > tuple_(*after))
    return [valued.order_by(trials.c.value, trials.c.number), without]


def _trial_of(row: _Row) -> TrialRow:
    columns: dict[str, Any] = {name: row._mapping[name] for name in TrialRow.__slots__}
    for name in _NUMBERS:
        columns[name] = loaded(columns[name], row._mapping[f"{name}_kind"])
    return TrialRow(**columns)
