"""Reading which data a study is about, and whether it has the rows that the study's split needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from regtune.dataset import DatasetFacts
from regtune.nearest import suggestion
from regtune.study.definition import Holdout
from regtune.study.reading import Fields, Findings
from regtune.study.values import is_line, shown

LEAST_ROWS = 2
"""Rows without which a part of a split says nothing: no spread, no batch statistics, no r²."""

_LISTED_CLASSES = 5
_LONGEST_REFERENCE = 500


@dataclass(frozen=True, slots=True)
class SplitSizes:
    """How many rows a holdout split gives each part."""

    training: int
    validation: int
    test: int


def split_sizes(rows: int, split: Holdout, *, own_test: bool) -> SplitSizes:
    """The rows of each part: shares of all rows, rounded; rows that came as a test split stay outside."""
    test = 0 if own_test else round(rows * split.test)
    validation = round(rows * split.validation)
    return SplitSizes(rows - test - validation, validation, test)


def read_dataset(
    study: Fields,
    find_dataset: Callable[[str], DatasetFacts | None],
    dataset_names: Callable[[], Sequence[str]],
) -> tuple[str, DatasetFacts | None]:
    """How the study refers to its data, and the data's facts; None where there is none to be found."""
    reference = study.get("dataset")
    if not study.has("dataset"):
        if study.get("runner") == "external":
            # Such a study needs none; that it is not available yet is said about its runner.
            return "", None
        study.refuse("dataset", "missing", f"a study names its data set; {_known(dataset_names)}")
    elif isinstance(reference, Mapping):
        study.refuse(
            "dataset",
            "wrong_type",
            "a path belongs into a study file, whose data the client uploads; here write the data set's id or name",
        )
    elif not isinstance(reference, str):
        study.refuse("dataset", "wrong_type", f"dataset is the id or name of a data set, got {shown(reference)}")
    elif not is_line(reference) or len(reference) > _LONGEST_REFERENCE:
        study.refuse("dataset", "wrong_characters", f"dataset is an id or a name, got {shown(reference)}")
    else:
        facts = find_dataset(reference)
        if facts is None:
            near = suggestion(reference.partition("@")[0], dataset_names())
            study.refuse("dataset", "unknown_name", f"there is no data set {shown(reference)}; {near}")
        return reference, facts
    return "", None


def check_rows(study: Fields, facts: DatasetFacts, split: Holdout) -> SplitSizes:
    """Refuse data that the split would leave without rows, or that has nothing to tell apart."""
    if facts.task == "multilabel":
        study.refuse("dataset", "not_available", "multilabel data is not available yet")
    rows_of = {name: rows for name, rows in zip(facts.classes or (), facts.class_counts or (), strict=True) if rows}
    if facts.task == "classification" and len(rows_of) < 2:
        only = ", ".join(rows_of)
        study.refuse("dataset", "one_class", f'all rows of {facts.name} are of one class, "{only}"; two are needed')
    sizes = split_sizes(facts.rows, split, own_test=facts.own_test)
    _check_size(study, "dataset", facts, "training", sizes.training)
    _check_size(study, "split/validation", facts, "validation", sizes.validation)
    if not facts.own_test:
        _check_size(study, "split/test", facts, "test", sizes.test)
    if split.stratify:
        _warn_of_rare_classes(rows_of, 2 if facts.own_test else 3, study.findings)
    return sizes


def _check_size(study: Fields, place: str, facts: DatasetFacts, part: str, rows: int) -> None:
    if rows < LEAST_ROWS:
        message = f"{facts.name} has {facts.rows} rows, of which {rows} would be for {part}; {LEAST_ROWS} are needed"
        study.findings.refuse(f"{study.pointer}/{place}", "too_few_rows", message)


def _warn_of_rare_classes(rows_of: Mapping[str, int], parts: int, findings: Findings) -> None:
    rare = [f'"{name}" ({rows})' for name, rows in rows_of.items() if rows < parts]
    if rare:
        more = f" and {len(rare) - _LISTED_CLASSES} more" if len(rare) > _LISTED_CLASSES else ""
        findings.warn(
            f"too few rows for each part of the split to have one: of class {', '.join(rare[:_LISTED_CLASSES])}{more}; "
            "where rows cannot be stratified they are drawn without regard to class"
        )


def _known(dataset_names: Callable[[], Sequence[str]]) -> str:
    return f"there are {', '.join(dataset_names())}"
