"""Reading what a study is about to make better: one metric that fits the task, and its direction."""

from __future__ import annotations

from regtune.dataset import DatasetFacts
from regtune.metrics import DEFAULT_METRIC, METRICS, metrics_for
from regtune.nearest import suggestion
from regtune.study.definition import Objective
from regtune.study.reading import Fields, below
from regtune.study.values import shown

_LATER = ("sparsity", "parameters", *(f"gap_{metric}" for metric in METRICS))
_DIRECTIONS = ("maximize", "minimize")


def read_objective(study: Fields, facts: DatasetFacts | None) -> Objective:
    """The objective; left out, the metric that the task is judged by as a rule."""
    pointer, written = _written(study)
    fields = Fields(written, pointer, study.findings, noun="an objective")
    metric = _read_metric(fields, DEFAULT_METRIC[facts.task if facts else "classification"], facts)
    natural = METRICS[metric].direction
    direction = fields.one_of("direction", _DIRECTIONS, natural)
    fields.finish()
    if direction != natural:
        study.findings.warn(f"{metric} is better the other way round: this study will {direction} it as told")
    return Objective(metric=metric, direction="maximize" if direction == "maximize" else "minimize")


def _written(study: Fields) -> tuple[str, object]:
    """Where the objective stands, and what stands there: `objective` is short for `objectives` with one entry."""
    if not study.has("objectives"):
        return study.at("objective"), study.get("objective", {})
    if study.has("objective"):
        study.refuse("objectives", "conflict", "objective is short for objectives with one entry; write one of the two")
    entries = study.get("objectives")
    if not isinstance(entries, list | tuple) or not entries:
        study.refuse("objectives", "wrong_type", f"objectives is a list of objectives, got {shown(entries)}")
        return study.at("objective"), {}
    if len(entries) > 1:
        study.refuse("objectives", "not_available", "several objectives are not available yet; write one")
    return below(study.at("objectives"), 0), entries[0]


def _read_metric(fields: Fields, default: str, facts: DatasetFacts | None) -> str:
    metric = fields.get("metric", default)
    fitting = metrics_for(facts.task) if facts else tuple(METRICS)
    available = f"there are {', '.join(fitting)}"
    if not isinstance(metric, str):
        fields.refuse("metric", "wrong_type", f"metric is the name of one, got {shown(metric)}; {available}")
    elif metric in fitting:
        return metric
    elif metric in METRICS and facts is not None:
        message = f"{metric} does not fit {facts.task}, the task of {facts.name}; {available}"
        fields.refuse("metric", "metric_does_not_fit", message)
    elif metric in _LATER:
        fields.refuse("metric", "not_available", f"{metric} is not available yet as an objective; {available}")
    else:
        fields.refuse("metric", "unknown_name", f"{shown(metric)} is no metric; {suggestion(metric, fitting)}")
    return default
