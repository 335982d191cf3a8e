"""Claims: how queued fits are handed to a run, lowest trial first, all of one program."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, exists, select

from regtune.setting import Setting
from service.store.changes import LockedStudy, lock_study, study_changed
from service.store.database import Database
from service.store.datasets import DatasetRow, dataset_of
from service.store.endings import is_ending_now, settle
from service.store.errors import RunWithoutProgram
from service.store.moves import move_fits, move_study, move_trials
from service.store.runs import CLAIMABLE, Held, Run, hold
from service.store.tables import datasets, fits, lane_caps, programs, runs, studies, trials
from service.store.terms import SUSPECT_LOSSES, affordable, another_program_is_first, terms_of
from service.store.trials import Origin

Role = Literal["search", "baseline", "confirm", "ablation", "interaction", "audit", "final"]
Engine = Literal["compiled", "eager", "alone"]


@dataclass(frozen=True, slots=True)
class ClaimedFit:
    """A fit handed to a run: what to train, for how many epochs, and from which seed.

    `origin` is its trial's; `epoch` is the last one that an earlier run reported, 0 where there was none.
    """

    id: str
    trial_number: int | None
    role: Role
    fold: int
    repeat: int
    seed: int
    epochs: int
    attempt: int
    setting: Setting
    program_digest: str
    origin: Origin
    epoch: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many fits a run wants: for lanes that are free `at_once`, and `ahead` for those that come free next."""

    at_once: int = 0
    ahead: int = 0

    @property
    def count(self) -> int:
        """All of them."""
        return self.at_once + self.ahead


NO_FITS = Wanted()


@dataclass(frozen=True, slots=True)
class ProgramRow:
    """What a run's lanes share: the study's definition and data, the program, and its engine if one is bound.

    `dataset` is None for a bundled data set, which `dataset_id` names. `lane_cap` is how many lanes of the program the
    run's worker can hold, where it has once held too many.
    """

    study_id: str
    study_seed: int
    study_definition: dict[str, Any]
    dataset_id: str
    dataset: DatasetRow | None
    digest: str
    definition: dict[str, Any]
    engine: Engine | None
    lane_cap: int | None


_QUEUED_FOR_ONE_AHEAD = 4
_CANDIDATES = (
    select(
        fits.c.id,
        fits.c.trial_id,
        fits.c.trial_number,
        fits.c.role,
        fits.c.fold,
        fits.c.repeat,
        fits.c.seed,
        fits.c.epochs,
        fits.c.attempt,
        fits.c.program_digest,
        fits.c.epoch,
        trials.c.origin,
        trials.c.setting,
        trials.c.state.label("trial_state"),
        trials.c.started_at.label("trial_started_at"),
    )
    .join_from(fits, trials, fits.c.trial_id == trials.c.id)
    .where(
        fits.c.study_id == bindparam("study_id"),
        fits.c.state == "queued",
        fits.c.program_digest == bindparam("digest"),
        fits.c.losses.between(bindparam("least_losses"), bindparam("most_losses")),
    )
    .order_by(fits.c.trial_number, fits.c.fold, fits.c.repeat, fits.c.id)
    .limit(bindparam("count"))
)
_PROGRAM = (
    select(
        studies.c.seed,
        studies.c.definition,
        studies.c.dataset_id,
        programs.c.digest,
        programs.c.definition.label("program"),
        programs.c.engine,
        lane_caps.c.cap,
        *(column.label(f"stored_{column.name}") for column in datasets.c),
    )
    .select_from(
        runs.join(studies, studies.c.id == runs.c.study_id)
        .join(programs, (programs.c.study_id == runs.c.study_id) & (programs.c.digest == runs.c.program_digest))
        .outerjoin(datasets, datasets.c.id == studies.c.dataset_id)
        .outerjoin(
            lane_caps,
            (lane_caps.c.program_digest == runs.c.program_digest) & (lane_caps.c.worker_id == runs.c.worker_id),
        )
    )
    .where(runs.c.id == bindparam("of_run"))
)


def claimable_studies(database: Database, limit: int = 100) -> tuple[str, ...]:
    """The ids of studies with queued fits to hand out, the highest priority first, then the oldest."""
    statement = (
        select(studies.c.id)
        .where(CLAIMABLE, exists().where(fits.c.study_id == studies.c.id, fits.c.state == "queued"))
        .order_by(studies.c.priority.desc(), studies.c.id)
        .limit(limit)
    )
    with database.read() as connection:
        return tuple(connection.execute(statement).scalars())


def others_wait(database: Database, run: Run) -> bool:
    """Whether a worker that left this run would find other work: another study, or another program of this one."""
    if any(study_id != run.study_id for study_id in claimable_studies(database, limit=2)):
        return True
    with database.read() as connection:
        return another_program_is_first(connection, run)


def claim(database: Database, run: Run, count: int) -> tuple[ClaimedFit, ...]:
    """At most `count` queued fits of the run's program, which now train; its first claim chooses the program.

    Chosen is the program of the first queued fit, in the order of trial number, fold and repeat. A fit that lost two
    workers or more is handed out with its like alone, to ever fewer lanes. Nothing is handed out while the run drains
    or once what the study has spent and promised reaches its budget.

    Raises:
        LeaseLost: the run was taken back or closed.
    """
    with database.write() as connection:
        study = lock_study(connection, run.study_id)
        held = hold(connection, run)
        return take(connection, settle(connection, study), run, held, Wanted(count))


def take(connection: Connection, study: LockedStudy, run: Run, held: Held, wanted: Wanted) -> tuple[ClaimedFit, ...]:
    """The same under the study's lock, once it is settled: the last statements of a transaction.

    Of those wanted ahead it takes a quarter at most of what the others leave queued, so that a worker whose lanes are
    empty finds the rest.
    """
    if wanted.count < 1 or held.drain or study.state == "paused" or is_ending_now(study):
        return ()
    terms = terms_of(connection, run, held, wanted.count)
    if terms is None:
        return ()
    at_once = min(terms.count, wanted.at_once)
    found = connection.execute(
        _CANDIDATES,
        {
            "study_id": study.id,
            "digest": terms.digest,
            "least_losses": terms.losses or 0,
            "most_losses": SUSPECT_LOSSES - 1 if terms.losses is None else terms.losses,
            "count": at_once + _QUEUED_FOR_ONE_AHEAD * (terms.count - at_once),
        },
    ).all()
    found = found[: at_once + max(0, len(found) - at_once) // _QUEUED_FOR_ONE_AHEAD]
    found = found[: affordable(connection, study, [fit.epochs for fit in found])]
    if found:
        _hand_out(connection, study, run, found)
    return tuple(
        ClaimedFit(
            id=fit.id,
            trial_number=fit.trial_number,
            role=fit.role,
            fold=fit.fold,
            repeat=fit.repeat,
            seed=fit.seed,
            epochs=fit.epochs,
            attempt=fit.attempt,
            setting=fit.setting,
            program_digest=fit.program_digest,
            origin=fit.origin,
            epoch=fit.epoch,
        )
        for fit in found
    )


def program_of_run(database: Database, run: Run) -> ProgramRow:
    """What the run's lanes share.

    Raises:
        RunWithoutProgram: the run has claimed nothing yet.
    """
    with database.read() as connection:
        row = connection.execute(_PROGRAM, {"of_run": run.id}).mappings().one_or_none()
    if row is None:
        raise RunWithoutProgram(run.id)
    stored = {column.name: row[f"stored_{column.name}"] for column in datasets.c}
    return ProgramRow(
        study_id=run.study_id,
        study_seed=row["seed"],
        study_definition=row["definition"],
        dataset_id=row["dataset_id"],
        dataset=None if stored["id"] is None else dataset_of(stored),
        digest=row["digest"],
        definition=row["program"],
        engine=row["engine"],
        lane_cap=row["cap"],
    )


def _hand_out(connection: Connection, study: LockedStudy, run: Run, found: Any) -> None:
    started = {"started_at": study.locked_at}
    move_fits(connection, [{"id": fit.id, "run_id": run.id, **started} for fit in found], "running")
    queued = [fit for fit in found if fit.trial_state == "queued"]
    move_trials(
        connection,
        study,
        [{"id": fit.trial_id, "started_at": fit.trial_started_at or study.locked_at} for fit in queued],
        "running",
    )
    study = replace(study, waiting=None)
    starts = study.state == "queued"
    if starts:
        study = move_study(connection, study, "running", started_at=study.started_at or study.locked_at)
    if queued:
        study = study_changed(connection, study, "trials", {"running": [fit.trial_number for fit in queued]})
    if starts:
        study_changed(connection, study, "study", {"state": "running"})
