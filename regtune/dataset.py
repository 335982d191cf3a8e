"""What a study needs to know of its data: the facts of a data set, never its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from regcore.catalog import BundledDataset

Task = Literal["classification", "regression", "multilabel"]
Inputs = Literal["table", "image"]


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """The facts of one version of a data set.

    `shape` is that of one row: `(features,)` of a table, `(channels, height, width)` of an image. `classes` and
    `class_counts` (rows of each class, in the same order) are None for regression. `own_test` says that the file
    brought its own test rows, which `rows` does not count; `warnings` are what its import remarked.
    """

    id: str
    name: str
    digest: str
    task: Task
    kind: Inputs
    shape: tuple[int, ...]
    rows: int
    classes: tuple[str, ...] | None
    class_counts: tuple[int, ...] | None
    own_test: bool = False
    warnings: tuple[str, ...] = ()


def bundled_facts(bundled: BundledDataset) -> DatasetFacts:
    """The facts of a data set that needs no upload; its name is its id."""
    return DatasetFacts(
        id=bundled.name,
        name=bundled.name,
        digest=bundled.digest,
        task=bundled.task,
        kind=bundled.kind,
        shape=bundled.shape,
        rows=bundled.rows,
        classes=bundled.classes,
        class_counts=bundled.class_counts,
    )
