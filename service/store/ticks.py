"""Ticks: what a run trained since its last word, written in one transaction, and what it is to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection, bindparam, select, update

from regtune.budget import StopReason
from service.store.changes import LockedStudy, lock_study, study_changed
from service.store.claims import NO_FITS, ClaimedFit, Wanted, take
from service.store.clock import in_seconds, now
from service.store.database import Database
from service.store.endings import is_ending_now, settle
from service.store.errors import NotOfThisRun, TickOutOfOrder
from service.store.outcomes import FitEnded, RunningFit, end_fits
from service.store.reports import EpochReport, insert_reports
from service.store.runs import IS_HELD, Run, hold
from service.store.tables import fits, runs


@dataclass(frozen=True, slots=True)
class Tick:
    """One epoch of all lanes of a run: its number (from 1), the epochs trained, the fits that ended with it.

    `wanted` is how many fits the run would take over for them.
    """

    number: int
    epochs: tuple[EpochReport, ...]
    ended: tuple[FitEnded, ...]
    device_seconds: float
    wanted: Wanted = NO_FITS


@dataclass(frozen=True, slots=True)
class TickAnswer:
    """What the run is to do: end the fits named in `cancel` now, with `stop_reason`; finish and leave if `drain`.

    `claimed` are queued fits that are the run's from now on.
    """

    cancel: tuple[str, ...]
    drain: bool
    stop_reason: StopReason | None
    claimed: tuple[ClaimedFit, ...] = ()


_RUNNING = select(fits.c.id, fits.c.attempt, fits.c.epochs, fits.c.trial_id, fits.c.trial_number).where(
    fits.c.run_id == bindparam("of_run"), fits.c.state == "running"
)
# A tick is also a heartbeat: the lease that it was written under starts anew.
_ADVANCE = (
    update(runs)
    .where(*IS_HELD, runs.c.tick == bindparam("tick_before"))
    .values(tick=runs.c.tick + 1, progress_at=now(), lease_until=in_seconds(runs.c.lease_seconds))
    .returning(runs.c.drain)
)


def record_tick(database: Database, run: Run, tick: Tick) -> TickAnswer:
    """Writes a tick: its reports, the fits and trials that it ended, what it spent, and the study's end if that is it.

    In the same transaction the run claims what the tick wants, on the terms of `claim`. A tick that was written already
    changes nothing and is answered again; what it claimed, and nobody heard of, goes back with the run's end.

    Raises:
        LeaseLost: the run was taken back or closed; nothing was written.
        TickOutOfOrder: the tick before this one was not written.
        NotOfThisRun: it speaks of a fit, or of an attempt, that the run does not train.
    """
    with database.write() as connection:
        study = lock_study(connection, run.study_id)
        is_new, drain = _advance(connection, run, tick.number)
        running = {row.id: RunningFit(*row) for row in connection.execute(_RUNNING, {"of_run": run.id}).all()}
        if is_new:
            study = _write(connection, study, run, tick, running)
        left = running.keys() - {ended.fit_id for ended in tick.ended}
        cancel = tuple(sorted(left)) if is_ending_now(study) else ()
        stop_reason = study.stop_reason if study.state != "running" else None
        claimed = (
            take(connection, study, run, hold(connection, run), tick.wanted) if is_new and tick.wanted.count else ()
        )
        return TickAnswer(cancel, drain, stop_reason, claimed)


def _advance(connection: Connection, run: Run, number: int) -> tuple[bool, bool]:
    """Moves the run to a tick: whether it was not written before, and whether the run drains."""
    parameters = {"held_id": run.id, "held_fence": run.fence, "tick_before": number - 1}
    drain: bool | None = connection.execute(_ADVANCE, parameters).scalar_one_or_none()
    if drain is not None:
        return True, drain
    held = hold(connection, run)
    if number > held.tick:
        raise TickOutOfOrder(number, held.tick + 1)
    return False, held.drain


def _write(
    connection: Connection, study: LockedStudy, run: Run, tick: Tick, running: Mapping[str, RunningFit]
) -> LockedStudy:
    said_of: tuple[EpochReport | FitEnded, ...] = (*tick.epochs, *tick.ended)
    for said in said_of:
        fit = running.get(said.fit_id)
        if fit is None or fit.attempt != said.attempt:
            raise NotOfThisRun(said.fit_id, said.attempt, run.id)
    insert_reports(connection, tick.epochs, fence=run.fence, device_seconds=tick.device_seconds)
    study = replace(
        study,
        epochs_run=study.epochs_run + len(tick.epochs),
        device_seconds=study.device_seconds + tick.device_seconds,
    )
    if tick.ended:
        study = end_fits(connection, study, running, tick.ended)
    return settle(connection, study_changed(connection, study, "progress", {}))
