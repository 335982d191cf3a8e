"""From rows to lanes: claimed fits and their study become a program and fits that the lane engine trains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from regcore.architectures import find as find_architecture
from regcore.catalog import Catalog
from regcore.lanes import Fit, Program
from regtune.dataset import DatasetFacts, bundled_facts
from regtune.space import fit_values
from regtune.study import StudyDefinition
from service.store.claims import ClaimedFit, ProgramRow
from service.store.datasets import facts_of


def facts_for(row: ProgramRow, catalog: Catalog) -> DatasetFacts:
    """The facts of the study's data: of the stored version, or of a bundled set by the catalogue.

    Raises:
        KeyError: the study names a bundled set that this worker does not have.
    """
    if row.dataset is not None:
        return facts_of(row.dataset)
    return bundled_facts(catalog.dataset(row.dataset_id))


def program_for(row: ProgramRow, definition: StudyDefinition, facts: DatasetFacts) -> Program:
    """The program that the run's lanes share.

    Raises:
        KeyError, TypeError: it names an architecture, or a value of one, that this worker does not have.
    """
    shared = row.definition
    values: Mapping[str, Any] = shared["values"]
    kinds = tuple(shared["kinds"])
    return Program(
        architecture=find_architecture(shared["architecture"])(**_under("model.", values)),
        optimizer=shared["optimizer"],
        schedule=shared["schedule"],
        batch_size=int(values["training.batch_size"]),
        kinds=kinds,
        task=_task(facts),
        objective=definition.objective.metric,
        direction=definition.objective.direction,
        outputs=1 if facts.classes is None else len(facts.classes),
        fixed={name: value for name, value in values.items() if name.partition(".")[0] in kinds},
        precision=shared["precision"],
    )


def fit_for(definition: StudyDefinition, claimed: ClaimedFit) -> Fit:
    """The engine's view of a claimed fit: its setting, and what the study fixes for all of them."""
    return Fit(claimed.id, claimed.seed, claimed.epochs, fit_values(definition, claimed.setting))


def _under(prefix: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}


def _task(facts: DatasetFacts) -> Literal["classification", "regression"]:
    return "regression" if facts.task == "regression" else "classification"
