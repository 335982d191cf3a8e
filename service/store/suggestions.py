"""Suggesting: which studies want trials, who may suggest them, and how they are inserted without passing the budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import Connection, Double, Insert, Text, bindparam, case, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from regtune.seeds import fit_seed
from regtune.setting import Setting
from regtune.states import StudyState
from service.store.changes import LockedStudy, lock_study, study_changed
from service.store.clock import in_seconds, now
from service.store.database import Database
from service.store.endings import settle
from service.store.errors import SuggestLeaseLost
from service.store.ids import new_id
from service.store.tables import datasets, fits, programs, studies, trials


@dataclass(frozen=True, slots=True)
class SuggestLease:
    """The right to suggest for a study, until another coordinator takes it over."""

    study_id: str
    owner: str
    fence: int


@dataclass(frozen=True, slots=True)
class NewTrial:
    """A trial to insert: its number must be the study's next one, since draws are keyed by it."""

    number: int
    origin: Literal["baseline", "sampler", "enqueued"]
    setting: Setting
    setting_digest: str
    program: Mapping[str, Any]
    program_digest: str
    epochs: int
    enqueued_by: str | None = None


@dataclass(frozen=True, slots=True)
class StudyWork:
    """A study that has not ended, as the coordinator sees it; `queued` and `running` count search fits."""

    id: str
    project_id: str
    state: StudyState
    version: int
    trials_created: int
    trials_wanted: int
    queued: int
    running: int

    @property
    def wants_trials(self) -> bool:
        """Whether trials may still be inserted."""
        return self.state in ("queued", "running") and self.trials_wanted > 0


_ACQUIRE = (
    update(studies)
    .where(
        studies.c.id == bindparam("study_id"),
        or_(
            studies.c.suggest_owner == bindparam("by_owner", type_=Text()),
            studies.c.suggest_lease_until.is_(None),
            studies.c.suggest_lease_until < now(),
        ),
    )
    .values(
        # An owner that still holds it keeps its fence; whoever takes it over gets the next.
        suggest_fence=case(
            (studies.c.suggest_owner == bindparam("by_owner", type_=Text()), studies.c.suggest_fence),
            else_=studies.c.suggest_fence + 1,
        ),
        suggest_owner=bindparam("by_owner", type_=Text()),
        suggest_lease_until=in_seconds(bindparam("seconds", type_=Double())),
    )
    .returning(studies.c.suggest_fence)
)
_COUNT = select(func.count()).select_from(fits).where(fits.c.study_id == studies.c.id, fits.c.role == "search")
_ACTIVE = (
    select(
        studies.c.id,
        studies.c.project_id,
        studies.c.state,
        studies.c.version,
        studies.c.trials_created,
        studies.c.budget,
        studies.c.space_exhausted,
        datasets.c.state.label("dataset_state"),
        _COUNT.where(fits.c.state == "queued").scalar_subquery().label("queued"),
        _COUNT.where(fits.c.state == "running").scalar_subquery().label("running"),
    )
    .select_from(studies.outerjoin(datasets, datasets.c.id == studies.c.dataset_id))
    .where(studies.c.state.in_(("queued", "running", "stopping")), studies.c.runner == "workers")
    .order_by(studies.c.priority.desc(), studies.c.id)
)
# None until a run has bound the program's engine.
_ENGINE = (
    select(programs.c.engine)
    .where(programs.c.study_id == bindparam("of_study"), programs.c.digest == bindparam("of_digest"))
    .scalar_subquery()
)
_INSERT_PROGRAMS: Mapping[str, Insert] = {
    "sqlite": sqlite.insert(programs).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(programs).on_conflict_do_nothing(),
}


def studies_needing_work(database: Database) -> tuple[StudyWork, ...]:
    """The studies that workers train and that have not ended, the highest priority first, then the oldest.

    One that is not paused and stays here without queued, running or wanted trials is ended by `finish_if_done`.
    """
    with database.read() as connection:
        rows = connection.execute(_ACTIVE).all()
    return tuple(
        StudyWork(
            id=row.id,
            project_id=row.project_id,
            state=row.state,
            version=row.version,
            trials_created=row.trials_created,
            trials_wanted=0
            if row.space_exhausted or row.dataset_state not in (None, "ready")
            else max(0, row.budget["trials"] - row.trials_created),
            queued=row.queued,
            running=row.running,
        )
        for row in rows
    )


def acquire_suggest_lease(database: Database, study_id: str, owner: str, lease_seconds: float) -> SuggestLease | None:
    """The right to suggest for a study, for `lease_seconds` from now; None while another coordinator holds it.

    Its owner renews it by acquiring it again; the fence stays.
    """
    with database.write() as connection:
        parameters = {"study_id": study_id, "by_owner": owner, "seconds": lease_seconds}
        fence = connection.execute(_ACQUIRE, parameters).scalar_one_or_none()
    return None if fence is None else SuggestLease(study_id, owner, fence)


def insert_trials(database: Database, study_id: str, fence: int, new_trials: Sequence[NewTrial]) -> tuple[int, ...]:
    """Inserts trials with their search fits and programs, and gives the numbers inserted.

    Numbers stay dense and end at the budget: of the trials given, those are taken that continue the study's numbers,
    in order, up to the first that does not. None is taken once the study stops.

    Raises:
        UnknownStudy: there is none with that id.
        SuggestLeaseLost: the fence is not the suggest lease's present one.
    """
    with database.write() as connection:
        study = lock_study(connection, study_id)
        if study.suggest_fence != fence:
            raise SuggestLeaseLost(study_id)
        study = settle(connection, study)
        if study.state not in ("queued", "running", "paused"):
            return ()
        taken = _taken(study, new_trials)
        if taken:
            _insert(connection, study, taken)
        return tuple(trial.number for trial in taken)


def _taken(study: LockedStudy, new_trials: Sequence[NewTrial]) -> list[NewTrial]:
    taken: list[NewTrial] = []
    for trial in new_trials:
        number = study.trials_created + len(taken)
        if trial.number != number or number >= study.budget.trials:
            break
        taken.append(trial)
    return taken


def _insert(connection: Connection, study: LockedStudy, taken: Sequence[NewTrial]) -> None:
    definitions = {trial.program_digest: dict(trial.program) for trial in taken}
    connection.execute(
        _INSERT_PROGRAMS[connection.dialect.name],
        [
            {"study_id": study.id, "digest": digest, "definition": definition}
            for digest, definition in definitions.items()
        ],
    )
    ids = [new_id() for _ in taken]
    trial_rows = [_trial_row(study, trial, trial_id) for trial, trial_id in zip(taken, ids, strict=True)]
    connection.execute(insert(trials).values(created_at=now()), trial_rows)
    fit_rows = [_fit_row(study, trial, trial_id) for trial, trial_id in zip(taken, ids, strict=True)]
    connection.execute(insert(fits).values(created_at=now(), engine=_ENGINE), fit_rows)
    study = replace(study, trials_created=study.trials_created + len(taken))
    study_changed(connection, study, "trials", {"queued": [trial.number for trial in taken]})


def _trial_row(study: LockedStudy, trial: NewTrial, trial_id: str) -> dict[str, Any]:
    return {
        "id": trial_id,
        "study_id": study.id,
        "number": trial.number,
        "state": "queued",
        "version": study.next_version,
        "attempt": 0,
        "origin": trial.origin,
        "enqueued_by": trial.enqueued_by,
        "setting": dict(trial.setting),
        "setting_digest": trial.setting_digest,
        "program_digest": trial.program_digest,
    }


def _fit_row(study: LockedStudy, trial: NewTrial, trial_id: str) -> dict[str, Any]:
    return {
        "id": new_id(),
        "study_id": study.id,
        "trial_id": trial_id,
        "trial_number": trial.number,
        "role": "search",
        "fold": 0,
        "repeat": 0,
        "seed": fit_seed(study.seed, trial.number, 0, 0),
        "epochs": trial.epochs,
        "state": "queued",
        "attempt": 0,
        "losses": 0,
        "program_digest": trial.program_digest,
        "of_study": study.id,
        "of_digest": trial.program_digest,
        "dataset_digest": study.dataset_digest,
        "epoch": 0,
        "device_seconds": 0.0,
    }
