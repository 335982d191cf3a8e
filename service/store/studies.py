"""Studies as the API writes them: created, changed and deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import insert, update

from regtune.states import STUDY_ENDED
from regtune.study.definition import StudyDefinition, definition_digest
from service.store.changes import lock_project, lock_study, record_event, study_changed
from service.store.clock import now
from service.store.database import Database
from service.store.endings import begin_stop, settle
from service.store.errors import StaleVersion
from service.store.ids import new_id
from service.store.moves import move_study
from service.store.requests import RequestKey, recall, remember
from service.store.study_rows import StudyRow, study_row
from service.store.tables import studies


@dataclass(frozen=True, slots=True)
class NewStudy:
    """A study to create, its definition parsed and legal; `dataset_id` is a data set's id or a bundled one's name.

    `versions` and `meanings` are what it was made with: of regtune and libraries, and of each kind it names.
    """

    project_id: str
    definition: StudyDefinition
    dataset_id: str
    dataset_digest: str
    versions: Mapping[str, str]
    meanings: Mapping[str, int]
    warnings: Sequence[str] = ()
    parent_id: str | None = None


@dataclass(frozen=True, slots=True)
class StoredStudy:
    """A study, and whether it was there before the request."""

    row: StudyRow
    reused: bool


@dataclass(frozen=True, slots=True)
class StudyChanges:
    """What to change of a study; None leaves it. `budget` holds the limits to raise, by name."""

    name: str | None = None
    labels: Mapping[str, str] | None = None
    budget: Mapping[str, Any] | None = None


def create_study(database: Database, new: NewStudy, key: RequestKey | None = None) -> StoredStudy:
    """Stores a study as `queued`.

    Raises:
        KeyReused: the key came before with another request.
    """
    with database.write() as connection:
        lock_project(connection, new.project_id)
        made = recall(connection, new.project_id, key)
        if made is not None:
            return StoredStudy(study_row(connection, new.project_id, made), reused=True)
        study_id = new_id()
        connection.execute(insert(studies).values(**_row(new, study_id), created_at=now()))
        remember(connection, new.project_id, key, study_id)
        record_event(connection, new.project_id, "study", {"state": "queued"}, study_id=study_id, version=1)
        return StoredStudy(study_row(connection, new.project_id, study_id), reused=False)


def change_study(
    database: Database,
    project_id: str,
    study_id: str,
    changes: StudyChanges,
    known_version: int | None = None,
) -> StudyRow:
    """Changes a study's name, labels or limits; an ended study whose limits are raised is queued again.

    Raises:
        UnknownStudy: the project has none with that id.
        StaleVersion: `known_version` is given and the study has changed since.
    """
    with database.write() as connection:
        study = lock_study(connection, study_id)
        row = study_row(connection, project_id, study_id)
        if known_version is not None and known_version != study.version:
            raise StaleVersion(study_id, known_version, study.version)
        given = {
            "name": changes.name,
            "labels": None if changes.labels is None else dict(changes.labels),
            "budget": None if changes.budget is None else {**row.definition["budget"], **changes.budget},
        }
        given = {name: value for name, value in given.items() if value is not None}
        definition = StudyDefinition.from_json({**row.definition, **given})
        connection.execute(
            update(studies)
            .where(studies.c.id == study_id)
            .values(definition=definition.to_json(), definition_digest=definition_digest(definition), **given)
        )
        if changes.budget is not None:
            study = replace(study, budget=definition.budget)
            if study.state in STUDY_ENDED:
                study = move_study(connection, study, "queued", stop_mode=None, stop_reason=None, finished_at=None)
        settle(connection, study_changed(connection, study, "study", {"state": study.state}))
        return study_row(connection, project_id, study_id)


def delete_study(database: Database, project_id: str, study_id: str) -> None:
    """Hides a study, and stops it now where it has not ended. Its rows stay.

    Raises:
        UnknownStudy: the project has none with that id, or it was deleted.
    """
    with database.write() as connection:
        study = lock_study(connection, study_id)
        study_row(connection, project_id, study_id)
        if study.state not in STUDY_ENDED:
            study = settle(connection, begin_stop(connection, study, "now", "user"))
        connection.execute(update(studies).where(studies.c.id == study_id).values(deleted_at=now()))
        study_changed(connection, study, "study", {"state": "deleted"})


def set_waiting(database: Database, study_id: str, reason: str | None) -> None:
    """Says why nothing of a study runs, for people to read; None: nothing is in the way.

    Raises:
        UnknownStudy: there is none with that id.
    """
    with database.write() as connection:
        study = lock_study(connection, study_id)
        if study.waiting != reason:
            study_changed(
                connection, replace(study, waiting=reason), "study", {"state": study.state, "waiting": reason}
            )


def _row(new: NewStudy, study_id: str) -> dict[str, Any]:
    definition = new.definition.to_json()
    return {
        "id": study_id,
        "project_id": new.project_id,
        "parent_id": new.parent_id,
        "name": new.definition.name,
        "labels": definition["labels"],
        "priority": new.definition.priority,
        "seed": new.definition.seed,
        "runner": new.definition.runner,
        "state": "queued",
        "phase": "search",
        "version": 1,
        "definition": definition,
        "definition_digest": definition_digest(new.definition),
        "budget": definition["budget"],
        "direction": new.definition.objective.direction,
        "dataset_id": new.dataset_id,
        "dataset_digest": new.dataset_digest,
        "versions": dict(new.versions),
        "warnings": list(new.warnings),
        "meanings": dict(new.meanings),
        "trials_created": 0,
        "trials_failed": 0,
        "epochs_run": 0,
        "epochs_saved": 0,
        "device_seconds": 0.0,
        "space_exhausted": False,
        "suggest_fence": 0,
    }
