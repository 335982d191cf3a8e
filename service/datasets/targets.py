"""The target: what is to be predicted, as classes or as numbers."""

from __future__ import annotations

from dataclasses import dataclass

from polars import Series

from regtune.study.values import shown
from service.datasets.cells import as_names, as_numbers, first_row, too_large
from service.datasets.errors import TARGET, refused
from service.datasets.limits import Limits
from service.datasets.meta import ImportedTask

MOST_CLASSES_INFERRED = 20
"""So many different whole numbers are taken for classes where the task is not said; more are a regression."""


@dataclass(frozen=True, slots=True)
class Target:
    """Names of classes (texts) or numbers (float64), no cell missing; class fields are None in a regression.

    `class_counts` leave out test rows that the file brought.
    """

    cells: Series
    task: ImportedTask
    classes: tuple[str, ...] | None
    class_counts: tuple[int, ...] | None


def read_target(cells: Series, task: ImportedTask | None, limits: Limits, test: Series | None = None) -> Target:
    """The target of a column of texts or numbers; `test` flags test rows that the file brought.

    Raises:
        InvalidDataset: a cell is missing, is no number where it must be one, or there is nothing to tell apart.
    """
    numbers, words = as_numbers(cells)
    numeric = not words.any()
    missing = numbers.is_null() if numeric else cells.is_null()
    if missing.any():
        raise refused(
            TARGET,
            "missing_value",
            f"{int(missing.sum())} cells of the target have no value, the first in row {first_row(missing) + 1}; "
            "remove those rows",
        )
    if task == "regression" or (task is None and numeric and not _look_like_classes(numbers)):
        return _regression(cells, numbers, words)
    return _classification(numbers if numeric else cells, limits, test)


def _look_like_classes(numbers: Series) -> bool:
    return numbers.n_unique() <= MOST_CLASSES_INFERRED and bool((numbers == numbers.floor()).all())


def _regression(cells: Series, numbers: Series, words: Series) -> Target:
    if words.any():
        row = first_row(words)
        raise refused(
            TARGET,
            "not_a_number",
            f"a regression's target is numeric, and row {row + 1} holds {shown(cells[row])}",
        )
    if (far := too_large(numbers)).any():
        row = first_row(far)
        raise refused(TARGET, "not_finite", f"the target is {shown(cells[row])} in row {row + 1}, not a finite number")
    if numbers.n_unique() < 2:
        raise refused(TARGET, "constant_target", f"the target is {shown(numbers[0])} in every row")
    return Target(numbers, "regression", None, None)


def _classification(cells: Series, limits: Limits, test: Series | None) -> Target:
    known = cells if test is None else cells.filter(~test)
    ordered = known.unique().sort()
    if len(ordered) > limits.classes:
        raise refused(
            TARGET,
            "too_many_classes",
            f"the target has {len(ordered)} classes, allowed are {limits.classes}; is it a regression?",
        )
    names = as_names(cells)
    classes = tuple(as_names(ordered))
    if len(classes) < 2:
        raise refused(TARGET, "one_class", f"the target is {shown(classes[0])} in every row; two classes are needed")
    unknown = ~names.is_in(classes)
    if unknown.any():
        row = first_row(unknown)
        raise refused(TARGET, "unknown_class", f"{shown(names[row])} is a class of test rows that no other row has")
    counts = dict(as_names(known).value_counts().iter_rows())
    return Target(names, "classification", classes, tuple(counts[name] for name in classes))
