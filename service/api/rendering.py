"""From rows to documents."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from regcore.catalog import BundledDataset
from regtune.states import STUDY_ENDED
from service.store.datasets import DatasetRow
from service.store.reports import Attempt, CurvePoint
from service.store.study_rows import Progress, StudyRow
from service.store.trials import FitRow, TrialRow
from service.store.workers import WorkerRow

Json = dict[str, Any]


def dataset_document(row: DatasetRow) -> Json:
    """A data set that was uploaded."""
    document = asdict(row)
    for key in ("project_id", "profile", "file", "deleted_at"):
        del document[key]
    return {**document, "bundled": False, "warnings": row.profile.get("warnings", [])}


def bundled_document(bundled: BundledDataset) -> Json:
    """A data set that needs no upload."""
    return {
        "id": bundled.name,
        "name": bundled.name,
        "version": 1,
        "digest": bundled.digest,
        "bundled": True,
        "state": "ready",
        "task": bundled.task,
        "kind": bundled.kind,
        "shape": list(bundled.shape),
        "rows": bundled.rows,
        "classes": None if bundled.classes is None else list(bundled.classes),
        "class_counts": None if bundled.class_counts is None else list(bundled.class_counts),
        "target": bundled.target,
        "columns": [],
        "own_test": False,
        "warnings": [],
        "error": None,
        "created_at": None,
    }


def study_document(row: StudyRow, counts: Progress, best: TrialRow | None, baseline: TrialRow | None) -> Json:
    """A study with its definition."""
    return {
        **{key: value for key, value in row.definition.items() if key != "resolved"},
        "id": row.id,
        "version": row.version,
        "state": row.state,
        "phase": row.phase,
        "stop_reason": row.stop_reason,
        "waiting": row.waiting,
        "progress": _progress(row, counts),
        "best": None if best is None else best_document(best),
        "baseline": None if baseline is None else best_document(baseline),
        "winner": None,
        "definition_digest": row.definition_digest,
        "dataset_digest": row.dataset_digest,
        "versions": row.versions,
        "warnings": row.warnings,
        "created_at": row.created_at,
        "started_at": row.started_at,
        "finished_at": row.finished_at,
    }


def best_document(trial: TrialRow) -> Json:
    """A trial as a study points at it."""
    return {"number": trial.number, "value": finite(trial.value), "setting": trial.setting}


def trial_document(trial: TrialRow, values: Sequence[float | None] | None = None) -> Json:
    """A trial as lists show it; a trial has one objective as long as `values` are not given."""
    value = finite(trial.value)
    has_value = trial.state in ("completed", "pruned") and not trial.was_cut
    return {
        "number": trial.number,
        "state": trial.state,
        "origin": trial.origin,
        "attempt": trial.attempt,
        "setting": trial.setting,
        "value": value,
        "values": [finite(one) for one in values] if values is not None else [value] if has_value else [],
        "gap": finite(trial.gap),
        "best_epoch": trial.best_epoch,
        "stop": trial.stop,
        "created_at": trial.created_at,
        "started_at": trial.started_at,
        "finished_at": trial.finished_at,
    }


def whole_trial_document(
    trial: TrialRow, values: Sequence[float | None], fits: Sequence[FitRow], attempts: Sequence[Attempt]
) -> Json:
    """A trial with everything that is known of it."""
    engines = sorted({fit.engine for fit in fits if fit.engine is not None})
    return {
        **trial_document(trial, values),
        "metrics": trial.metrics,
        "value_last": finite(trial.value_last),
        "cost": trial.cost,
        "attempts": [asdict(attempt) for attempt in attempts],
        "fits": [_fit(fit) for fit in fits],
        "error": trial.error,
        "engine": engines[0] if engines else None,
    }


def point_document(point: CurvePoint, metric: str | None) -> Json:
    """An epoch, with all its metrics or with the one asked for."""
    metrics: Mapping[str, float | None] = (
        point.metrics if metric is None else {name: value for name, value in point.metrics.items() if name == metric}
    )
    return {
        **{name: finite(value) for name, value in metrics.items()},
        "epoch": point.epoch,
        "train_loss": finite(point.train_loss),
        "validation_loss": finite(point.validation_loss),
        "objective": finite(point.objective),
    }


def worker_document(worker: WorkerRow) -> Json:
    """A worker that lives."""
    document = asdict(worker)
    del document["stopped_at"]
    return document


def finite(number: float | None) -> float | None:
    """The number, or None where it is not one: JSON has no others."""
    return number if number is not None and math.isfinite(number) else None


def _fit(fit: FitRow) -> Json:
    document = asdict(fit)
    for key in ("program_digest", "engine", "run_id", "result"):
        del document[key]
    return document


def _progress(row: StudyRow, counts: Progress) -> Json:
    ended = counts.completed + counts.pruned + counts.failed
    rate = _trials_per_second(row, ended)
    left = row.definition["budget"]["trials"] - ended - counts.cancelled
    running = row.state not in STUDY_ENDED
    return {
        **asdict(counts),
        "epochs_run": row.epochs_run,
        "epochs_saved": row.epochs_saved,
        "device_seconds": row.device_seconds,
        "trials_per_second": rate,
        "eta_seconds": left / rate if rate and running else 0.0 if not running else None,
    }


def _trials_per_second(row: StudyRow, ended: int) -> float | None:
    if row.started_at is None or not ended:
        return None
    seconds = ((row.finished_at or datetime.now(UTC)) - row.started_at).total_seconds()
    return ended / seconds if seconds > 0 else None
