"""Reports: epochs written by workers and read as curves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from sqlalchemy import Connection, Row, bindparam, column, func, select
from sqlalchemy.dialects import postgresql, sqlite

from service.store.clock import now
from service.store.columns import Document, document_text
from service.store.numbers import finite_document, loaded, stored
from service.store.tables import fits, reports, trials


@dataclass(frozen=True, slots=True)
class EpochReport:
    """One epoch (from 1) of one attempt of a fit; numbers may be non-finite, `metrics` holds any others by name."""

    fit_id: str
    attempt: int
    epoch: int
    train_loss: float
    validation_loss: float
    objective: float
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One epoch of a trial, averaged over its search fits that reached it; a number may be non-finite."""

    epoch: int
    train_loss: float | None
    validation_loss: float | None
    objective: float | None
    metrics: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of a fit: the first and the last epoch that it reported."""

    fit_id: str
    attempt: int
    first_epoch: int
    last_epoch: int


_Row = Row[*tuple[Any, ...]]

_WRITTEN = tuple(column.name for column in reports.c if column.name != "reported_at")
# As text: SQLAlchemy would look at every value of every row, which costs more than SQLite's own work.
_INSERT_ON_SQLITE = str(
    sqlite.insert(reports)
    .values(**{name: bindparam(name) for name in _WRITTEN}, reported_at=now())
    .on_conflict_do_nothing()
    .compile(dialect=sqlite.dialect(paramstyle="named"))
)
_RECORDS = (
    func.json_to_recordset(bindparam("records", type_=Document))
    .table_valued(*(column(name, reports.c[name].type) for name in _WRITTEN))
    .render_derived(name="record", with_types=True)
)
# One document for all rows: a statement for each of them costs Postgres several times as much.
_INSERT_ON_POSTGRES = (
    postgresql.insert(reports)
    .from_select([*_WRITTEN, "reported_at"], select(*(_RECORDS.c[name] for name in _WRITTEN), now()))
    .on_conflict_do_nothing()
)
_OF_TRIAL = (
    select(reports)
    .join_from(reports, fits, reports.c.fit_id == fits.c.id)
    .join(trials, fits.c.trial_id == trials.c.id)
    .where(
        trials.c.study_id == bindparam("study_id"),
        trials.c.number == bindparam("number"),
        fits.c.role == "search",
    )
    .order_by(reports.c.fit_id, reports.c.attempt.desc(), reports.c.epoch.desc())
)


def insert_reports(connection: Connection, epochs: Sequence[EpochReport], *, fence: int, device_seconds: float) -> None:
    """Writes reports; one that is there already stays as it is. Each takes an equal share of the device's seconds."""
    if not epochs:
        return
    share = device_seconds / len(epochs)
    rows = [_row(report, fence, share) for report in epochs]
    if connection.dialect.name == "postgresql":
        connection.execute(_INSERT_ON_POSTGRES, {"records": rows})
    else:
        texts = [{**row, "metrics": row["metrics"] and document_text(row["metrics"])} for row in rows]
        connection.exec_driver_sql(_INSERT_ON_SQLITE, texts)


def curve(connection: Connection, study_id: str, number: int) -> tuple[CurvePoint, ...]:
    """A trial's curve: a point for each epoch, of its last attempt, and of earlier ones below where that began."""
    by_epoch: dict[int, list[_Row]] = {}
    for row in _newest(connection.execute(_OF_TRIAL, {"study_id": study_id, "number": number})):
        by_epoch.setdefault(row.epoch, []).append(row)
    return tuple(_point(epoch, by_epoch[epoch]) for epoch in sorted(by_epoch))


def attempts(connection: Connection, study_id: str, number: int) -> tuple[Attempt, ...]:
    """The attempts of a trial's search fits that reported an epoch, the first one first."""
    found: dict[tuple[str, int], Attempt] = {}
    for row in connection.execute(_OF_TRIAL, {"study_id": study_id, "number": number}):
        known = found.get((row.fit_id, row.attempt))
        last_epoch = row.epoch if known is None else known.last_epoch
        found[row.fit_id, row.attempt] = Attempt(row.fit_id, row.attempt, row.epoch, last_epoch)
    return tuple(found[key] for key in sorted(found))


def _newest(rows: Iterable[_Row]) -> Iterable[_Row]:
    """Of each fit's rows, newest attempt and last epoch first, those that no newer attempt trained or passed."""
    fit_id, attempt, below, first = None, None, 0, 0
    for row in rows:
        if row.fit_id != fit_id:
            fit_id, attempt, below = row.fit_id, row.attempt, row.epoch + 1
        elif row.attempt != attempt:
            attempt, below = row.attempt, min(below, first)
        if row.epoch < below:
            first = row.epoch
            yield row


def _point(epoch: int, rows: Sequence[_Row]) -> CurvePoint:
    names = dict.fromkeys(name for row in rows for name in row.metrics or {})
    return CurvePoint(
        epoch=epoch,
        train_loss=_mean(loaded(row.train_loss, row.train_loss_kind) for row in rows),
        validation_loss=_mean(loaded(row.validation_loss, row.validation_loss_kind) for row in rows),
        objective=_mean(loaded(row.objective, row.objective_kind) for row in rows),
        metrics={name: _mean((row.metrics or {}).get(name) for row in rows) for name in names},
    )


def _mean(numbers: Iterable[float | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    return fmean(known) if known else None


def _row(report: EpochReport, fence: int, device_seconds: float) -> dict[str, Any]:
    train_loss, train_loss_kind = stored(report.train_loss)
    validation_loss, validation_loss_kind = stored(report.validation_loss)
    objective, objective_kind = stored(report.objective)
    return {
        "fit_id": report.fit_id,
        "attempt": report.attempt,
        "epoch": report.epoch,
        "train_loss": train_loss,
        "train_loss_kind": train_loss_kind,
        "validation_loss": validation_loss,
        "validation_loss_kind": validation_loss_kind,
        "objective": objective,
        "objective_kind": objective_kind,
        "metrics": finite_document(report.metrics) if report.metrics else None,
        "device_seconds": device_seconds,
        "fence": fence,
    }
