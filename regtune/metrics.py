"""The metrics that a study may be judged by: which way is better, and for which tasks they mean something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from regtune.dataset import Task

Direction = Literal["maximize", "minimize"]


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric, the direction in which it gets better and the tasks that it fits."""

    name: str
    direction: Direction
    tasks: tuple[Task, ...]


METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("accuracy", "maximize", ("classification",)),
        Metric("balanced_accuracy", "maximize", ("classification",)),
        Metric("log_loss", "minimize", ("classification",)),
        Metric("auroc", "maximize", ("classification",)),
        Metric("f1_macro", "maximize", ("classification", "multilabel")),
        Metric("rmse", "minimize", ("regression",)),
        Metric("mae", "minimize", ("regression",)),
        Metric("r2", "maximize", ("regression",)),
    )
}

DEFAULT_METRIC: Mapping[Task, str] = {
    "classification": "balanced_accuracy",
    "regression": "rmse",
    "multilabel": "f1_macro",
}


def metrics_for(task: Task) -> tuple[str, ...]:
    """The names of the metrics that fit a task."""
    return tuple(metric.name for metric in METRICS.values() if task in metric.tasks)


def better(first: float, second: float, direction: Direction) -> bool:
    """Whether the first value is strictly better than the second; nothing is better than, or worse than, NaN."""
    return first > second if direction == "maximize" else first < second
