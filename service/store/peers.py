"""What a study's trials have reported, read for a cross-trial pruner: only what is new since a version."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sqlalchemy import bindparam, or_, select

from regtune.pruning.peers import AtEpochs, Comparison
from service.store.database import Database
from service.store.errors import UnknownStudy
from service.store.numbers import loaded
from service.store.tables import fits, reports, studies, trials


@dataclass(frozen=True, slots=True)
class PeerReport:
    """The objective of one epoch of a trial's fit; it may be non-finite."""

    fit_id: str
    epoch: int
    objective: float


@dataclass(frozen=True, slots=True)
class PeerNews:
    """Epochs of a study's fits, each fit's in their order, and the version to ask from next time."""

    version: int
    reports: tuple[PeerReport, ...]


_VERSION = select(studies.c.version).where(studies.c.id == bindparam("study_id"))
_REPORTS = (
    select(reports.c.fit_id, reports.c.epoch, reports.c.objective, reports.c.objective_kind)
    .select_from(trials.join(fits, fits.c.trial_id == trials.c.id).join(reports, reports.c.fit_id == fits.c.id))
    .where(trials.c.study_id == bindparam("study_id"), fits.c.role == "search")
    .order_by(reports.c.fit_id, reports.c.epoch)
)
_HAS_CHANGED = trials.c.version > bindparam("since")
# A trial's row does not change with its epochs, so those that train are always looked at; lanes are few.
_AT_EPOCHS = _REPORTS.where(
    or_(_HAS_CHANGED, trials.c.state == "running"), reports.c.epoch.in_(bindparam("epochs", expanding=True))
)
_OF_COMPLETED = _REPORTS.where(_HAS_CHANGED, trials.c.state == "completed")


def peer_news(database: Database, study_id: str, comparison: Comparison, since: int = 0) -> PeerNews:
    """What a pruner compares with, of the trials that train or have changed after version `since`; 0 for all.

    An epoch may come again, from this or another attempt of its fit.

    Raises:
        UnknownStudy: there is none with that id.
    """
    asked: dict[str, object] = {"study_id": study_id, "since": since}
    statement = _OF_COMPLETED
    if isinstance(comparison, AtEpochs):
        statement = _AT_EPOCHS
        asked["epochs"] = list(comparison.epochs)
    with database.read() as connection:
        # Rows read a moment after the version may be newer than it; asking from the older one again loses nothing.
        version: int | None = connection.execute(_VERSION, {"study_id": study_id}).scalar_one_or_none()
        if version is None:
            raise UnknownStudy(study_id)
        rows = connection.execute(statement, asked).all()
    found = (PeerReport(row.fit_id, row.epoch, _number(row.objective, row.objective_kind)) for row in rows)
    return PeerNews(version, tuple(found))


def _number(value: float | None, kind: str | None) -> float:
    number = loaded(value, kind)
    return math.nan if number is None else number
