"""Studies in a real store, as the API and the coordinator would have put them there."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from regcore.catalog import load
from regtune.dataset import DatasetFacts
from regtune.setting import Setting, setting_digest
from regtune.space import program_digest, program_of
from regtune.study import StudyDefinition, parse_study
from service.store.database import Database
from service.store.studies import NewStudy, create_study
from service.store.study_rows import StudyRow, study_definition
from service.store.suggestions import NewTrial, acquire_suggest_lease, insert_trials
from service.store.tables import fits, reports, runs, trials
from service.store.tables.projects import DEFAULT_PROJECT_ID

WINE = DatasetFacts(
    id="wine",
    name="wine",
    digest="e2" * 32,
    task="classification",
    kind="table",
    shape=(13,),
    rows=178,
    classes=("class_0", "class_1", "class_2"),
    class_counts=(59, 71, 48),
)


def bundled(name: str) -> DatasetFacts:
    """The facts of a bundled data set."""
    of = load().dataset(name)
    return DatasetFacts(of.name, of.name, of.digest, of.task, of.kind, of.shape, of.rows, of.classes, of.class_counts)


def new_study(database: Database, document: Mapping[str, Any], facts: DatasetFacts = WINE) -> StudyRow:
    """A study as the API stores it, queued and without trials."""
    parsed = parse_study(
        {"dataset": facts.name, "baselines": False, **document},
        load(),
        lambda name: facts if name == facts.name else None,
        lambda: [facts.name],
    )
    new = NewStudy(DEFAULT_PROJECT_ID, parsed.definition, facts.id, facts.digest, versions={}, meanings={})
    return create_study(database, new).row


def stored_study(database: Database, document: Mapping[str, Any], settings: Sequence[Setting]) -> str:
    """A study with one queued trial for each setting; gives its id."""
    budget = {"trials": len(settings), **document.get("budget", {})}
    row = new_study(database, {**document, "budget": budget})
    queue_trials(database, row.id, StudyDefinition.from_json(row.definition), settings)
    return row.id


def queue_trials(
    database: Database, study_id: str, definition: StudyDefinition, settings: Sequence[Setting], first: int = 0
) -> None:
    """Inserts a trial for each setting, the first with the number `first`."""
    lease = acquire_suggest_lease(database, study_id, "test", 60.0)
    if lease is None:
        raise RuntimeError("somebody else suggests for this study")
    epochs = definition.training.epochs
    if not isinstance(epochs, int):
        raise TypeError("these studies have a fixed number of epochs")
    insert_trials(
        database,
        study_id,
        lease.fence,
        [
            NewTrial(
                number=number,
                origin="sampler",
                setting=setting,
                setting_digest=setting_digest(setting),
                program=program_of(definition, setting),
                program_digest=program_digest(definition, setting),
                epochs=epochs,
            )
            for number, setting in enumerate(settings, start=first)
        ],
    )


def trial_rows(database: Database, study_id: str) -> list[dict[str, Any]]:
    """All columns of a study's trials, by number."""
    return _rows(database, select(trials).where(trials.c.study_id == study_id).order_by(trials.c.number))


def fit_rows(database: Database, study_id: str) -> list[dict[str, Any]]:
    """All columns of a study's fits, by trial number."""
    return _rows(database, select(fits).where(fits.c.study_id == study_id).order_by(fits.c.trial_number))


def report_rows(database: Database, study_id: str) -> list[dict[str, Any]]:
    """All columns of a study's reports, with the number of their trial, by trial, attempt and epoch."""
    return _rows(
        database,
        select(reports, fits.c.trial_number)
        .join(fits, fits.c.id == reports.c.fit_id)
        .where(fits.c.study_id == study_id)
        .order_by(fits.c.trial_number, reports.c.attempt, reports.c.epoch),
    )


def study_row_of(database: Database, study_id: str) -> StudyRow:
    """The study as the store reads it."""
    with database.read() as connection:
        return study_definition(connection, study_id)


def definition_of(database: Database, study_id: str) -> StudyDefinition:
    """The study's definition."""
    return StudyDefinition.from_json(study_row_of(database, study_id).definition)


def run_rows(database: Database, study_id: str) -> list[dict[str, Any]]:
    """All columns of a study's runs, in the order in which they were opened."""
    return _rows(database, select(runs).where(runs.c.study_id == study_id).order_by(runs.c.id))


def state_of_study(database: Database, study_id: str) -> str:
    """The study's state."""
    return study_row_of(database, study_id).state


def _rows(database: Database, query: Any) -> list[dict[str, Any]]:
    with database.read() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]
