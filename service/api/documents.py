"""The documents that clients read: data sets, studies, trials and workers as the contract has them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from regtune.states import FitState, StudyState, TrialState

Json = dict[str, Any]
Value = float | int | bool | str


class DatasetDocument(BaseModel):
    """A data set. A bundled one has its name for an id."""

    id: str
    name: str
    version: int
    digest: str
    bundled: bool
    state: Literal["importing", "ready", "failed"]
    task: str
    kind: Literal["table", "image"]
    shape: list[int]
    rows: int
    classes: list[str] | None
    class_counts: list[int] | None
    target: str | None
    columns: list[Json]
    own_test: bool
    warnings: list[str]
    error: Json | None
    created_at: datetime | None


class UploadedDocument(DatasetDocument):
    """A data set after its upload; `reused` says that its content was there already."""

    reused: bool


class ProgressDocument(BaseModel):
    """How far a study is.

    `epochs_saved` is what trials did not train because their early stopping or the pruner ended them; `eta_seconds` is
    a guess from what has ended so far.
    """

    queued: int
    running: int
    completed: int
    pruned: int
    failed: int
    cancelled: int
    epochs_run: int
    epochs_saved: int
    device_seconds: float
    trials_per_second: float | None
    eta_seconds: float | None


class BestDocument(BaseModel):
    """A trial's number, its value, and its setting."""

    number: int
    value: float | None
    setting: dict[str, Value]


class StudyDocument(BaseModel):
    """A study: its whole resolved definition, and beside it how it stands."""

    model_config = ConfigDict(extra="allow")

    id: str
    version: int
    name: str
    state: StudyState
    phase: str
    stop_reason: str | None
    waiting: str | None
    progress: ProgressDocument
    best: BestDocument | None
    baseline: BestDocument | None
    winner: None
    definition_digest: str
    dataset_digest: str
    versions: dict[str, str]
    warnings: list[str]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class ValidatedDocument(BaseModel):
    """What a study would be; the forecast is null until one can be measured."""

    definition: Json
    space: Json
    warnings: list[str]
    forecast: None


class TrialDocument(BaseModel):
    """A trial as lists show it; `values` has one entry for each objective.

    A trial that a cross-trial pruner cut (`stop.by` is `pruner`) has neither: what it would have come to is not known.
    """

    number: int
    state: TrialState
    origin: str
    attempt: int
    setting: dict[str, Value]
    value: float | None
    values: list[float | None]
    gap: float | None
    best_epoch: int | None
    stop: Json | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class FitDocument(BaseModel):
    """One training run of a trial's setting."""

    id: str
    role: str
    fold: int
    repeat: int
    seed: int
    epochs: int
    state: FitState
    attempt: int
    losses: int
    epoch: int
    resumed_from: int | None
    error: Json | None
    device_seconds: float
    started_at: datetime | None
    finished_at: datetime | None


class AttemptDocument(BaseModel):
    """The epochs that one attempt of a fit reported."""

    fit_id: str
    attempt: int
    first_epoch: int
    last_epoch: int


class WholeTrialDocument(TrialDocument):
    """A trial with everything that is known of it."""

    metrics: dict[str, float | None] | None
    value_last: float | None
    cost: dict[str, float] | None
    attempts: list[AttemptDocument]
    fits: list[FitDocument]
    error: Json | None
    engine: str | None


class PointDocument(BaseModel):
    """An epoch of a curve, with the metrics that were measured in it; a number that was not finite is null."""

    model_config = ConfigDict(extra="allow")

    epoch: int
    train_loss: float | None
    validation_loss: float | None
    objective: float | None


class CurveDocument(BaseModel):
    """The epochs of a trial, from 1."""

    items: list[PointDocument]


class WorkerDocument(BaseModel):
    """A worker that lives."""

    id: str
    host: str
    device: str
    lanes: int
    capabilities: Json
    versions: dict[str, str]
    started_at: datetime
    seen_at: datetime
