"""Parsing a study: from the document that a user wrote to its definition, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from regcore.catalog import Catalog, Declared
from regtune.dataset import DatasetFacts
from regtune.errors import InvalidStudy
from regtune.setting import gate_of
from regtune.study.advice import warnings_of
from regtune.study.data import check_rows, read_dataset
from regtune.study.definition import Knob, RegularizerUse, Resolved, StudyDefinition, ends
from regtune.study.objective import read_objective
from regtune.study.reading import Fields, Findings
from regtune.study.regularizers import read_regularizers
from regtune.study.search import (
    read_budget,
    read_pruner,
    read_resources,
    read_sampler,
    read_split,
)
from regtune.study.training import read_model, read_training
from regtune.study.values import is_line, shown

LONGEST_NAME = 200
LONGEST_LABEL = 500
MOST_LABELS = 50
HIGHEST_PRIORITY = 1000
HIGHEST_SEED = 2**53 - 1
"""The largest whole number that any reader of JSON keeps exactly."""

_EXTERNAL_ONLY = ("parameters", "lease_seconds")


@dataclass(frozen=True, slots=True)
class ParsedStudy:
    """A study that can be run: its definition, the facts of its data, and what its user should know beforehand."""

    definition: StudyDefinition
    dataset: DatasetFacts
    warnings: tuple[str, ...]


def parse_study(
    document: Mapping[str, object],
    catalog: Catalog,
    find_dataset: Callable[[str], DatasetFacts | None],
    dataset_names: Callable[[], Sequence[str]],
) -> ParsedStudy:
    """The study that a document describes, with every default filled in.

    `find_dataset` resolves an id, a name or `name@digest`; `dataset_names` lists what there is, for messages.

    Raises:
        InvalidStudy: with every error of the document, each pointing at its field.
    """
    findings = Findings()
    study = Fields(document, "", findings, noun="a study")
    reference, facts = read_dataset(study, find_dataset, dataset_names)
    _refuse_what_comes_later(study)
    model, architecture = read_model(study, catalog, facts)
    training, schedule, optimizer = read_training(study, catalog)
    regularizers = read_regularizers(study, catalog, facts, architecture)
    split = read_split(study)
    name = study.text("name", facts.name if facts else "study", longest=LONGEST_NAME)
    fields = {
        "name": name,
        "labels": _read_labels(study),
        "priority": study.whole("priority", 0, -HIGHEST_PRIORITY, HIGHEST_PRIORITY),
        "seed": study.whole("seed", 0, 0, HIGHEST_SEED),
        "runner": "workers",
        "dataset": reference,
        "model": model,
        "training": training,
        "regularizers": regularizers,
        "objective": read_objective(study, facts),
        "constraints": (),
        "split": split,
        "sampler": read_sampler(study),
        "pruner": read_pruner(study, training.epochs),
        "budget": read_budget(study),
        "stagnation": None,
        "confirm": None,
        "baselines": study.flag("baselines", True),
        "warm_start": (),
        "resources": read_resources(study),
    }
    study.finish()
    _check_batches(study, training.batch_size, regularizers, catalog)
    rows = check_rows(study, facts, split) if facts else None
    if findings.errors or facts is None or rows is None:
        raise InvalidStudy(findings.errors)
    program = _program_names(regularizers, catalog, architecture, schedule, optimizer)
    definition = StudyDefinition.model_validate(
        {**fields, "resolved": Resolved(dataset_digest=facts.digest, program=program)}
    )
    findings.warnings.extend(warnings_of(definition, catalog, facts, rows.training))
    return ParsedStudy(definition, facts, tuple(findings.warnings))


def _check_batches(study: Fields, batch_size: Knob, regularizers: Iterable[RegularizerUse], catalog: Catalog) -> None:
    smallest = min(ends(batch_size))
    for use in regularizers:
        least = catalog.kind(use.kind).least_batch
        if use.gate != "off" and smallest < least:
            message = f"{use.kind} works on batches of at least {least} rows, got {smallest:g}"
            study.findings.refuse("/training/batch_size", "below_minimum", message)


def _refuse_what_comes_later(study: Fields) -> None:
    study.one_of("runner", ("workers",), "workers", later=("external",))
    for key in _EXTERNAL_ONLY:
        if study.has(key):
            study.refuse(key, "not_available", f'{key} belongs to "runner": "external", which is not available yet')
    study.only("constraints", [], "leave it out or write []")
    study.only("warm_start", [], "leave it out or write []")
    study.only("stagnation", None, "leave it out or write null")
    study.only("confirm", None, "leave it out or write null")


def _read_labels(study: Fields) -> dict[str, str]:
    labels = study.get("labels", {})
    if not isinstance(labels, Mapping):
        study.refuse("labels", "wrong_type", f"labels is an object of texts, got {shown(labels)}")
        return {}
    if len(labels) > MOST_LABELS:
        study.refuse("labels", "above_maximum", f"{len(labels)} labels is above {MOST_LABELS}")
        return {}
    fields = Fields(labels, study.at("labels"), study.findings, noun="labels")
    for key in map(str, labels):
        if not is_line(key) or len(key) > LONGEST_NAME:
            fields.refuse(key, "wrong_characters", f"a label's key is one line of at most {LONGEST_NAME} characters")
    return {key: fields.text(key, "", longest=LONGEST_LABEL) for key in map(str, labels)}


def _program_names(
    regularizers: Iterable[RegularizerUse],
    catalog: Catalog,
    architecture: Declared,
    schedule: Declared,
    optimizer: Declared,
) -> tuple[str, ...]:
    declared = (
        ("model", architecture.hyperparameters),
        ("training", catalog.training),
        ("training.schedule", schedule.hyperparameters),
        ("training.optimizer", optimizer.hyperparameters),
        *((use.kind, catalog.kind(use.kind).hyperparameters) for use in regularizers if use.gate != "off"),
    )
    hyperparameters = (
        f"{prefix}.{hyperparameter.name}"
        for prefix, hyperparameters in declared
        for hyperparameter in hyperparameters
        if hyperparameter.per == "program"
    )
    used = (catalog.kind(use.kind) for use in regularizers if use.gate != "off")
    return (*hyperparameters, *(gate_of(kind.kind) for kind in used if kind.gate_per == "program"))
