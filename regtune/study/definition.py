"""The definition of a study: legal, every default filled in, every range resolved; frozen, and never checked again.

Its JSON is the document of the HTTP contract with nothing left out, and `resolved` beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from regtune.digests import digest_of
from regtune.metrics import Direction
from regtune.setting import Value


class Part(BaseModel):
    """A frozen part of a definition."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Range(Part):
    """A hyperparameter searched between two ends, both included, on a logarithmic scale or a linear one."""

    low: int | float
    high: int | float
    log: bool


class OneOf(Part):
    """A hyperparameter searched among values."""

    choices: tuple[Value, ...]


Knob = Value | Range | OneOf


def ends(knob: Knob) -> tuple[float, ...]:
    """The numbers between which a numeric hyperparameter lies: its fixed value, the ends of its range, its choices."""
    if isinstance(knob, Range):
        return (knob.low, knob.high)
    values: tuple[Value, ...] = knob.choices if isinstance(knob, OneOf) else (knob,)
    return tuple(value for value in values if not isinstance(value, str))


"""How a study sets a hyperparameter: fixed, or searched."""


class Chosen(Part):
    """A kind chosen from the catalogue, with a knob for each of its hyperparameters beside `kind` in JSON."""

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, Knob]

    kind: str

    @property
    def hyperparameters(self) -> Mapping[str, Knob]:
        """The knobs by name, in the catalogue's order."""
        return self.__pydantic_extra__

    @classmethod
    def of(cls, knobs: Mapping[str, Knob], **fields: str) -> Self:
        """A chosen kind from its knobs, already checked."""
        return cls.model_validate({**fields, **knobs})


class RegularizerUse(Chosen):
    """A regularizer that the study names; `gate` is whether to use it: always, never, or searched too."""

    gate: Literal["on", "off", "search"] = "on"


class Training(Part):
    """How every fit of the study trains."""

    epochs: Knob
    batch_size: Knob
    schedule: Chosen
    optimizer: Chosen


class Objective(Part):
    """What the study is about to make better."""

    metric: str
    direction: Direction


class Holdout(Part):
    """One split: shares of all rows for validation and for test, the rest for training."""

    kind: Literal["holdout"] = "holdout"
    validation: float = 0.2
    test: float = 0.2
    stratify: bool = True


class Sampler(Part):
    """What suggests settings."""

    kind: Literal["tpe", "optuna_tpe", "qmc", "random", "grid"] = "tpe"


class EarlyStoppingPruner(Part):
    """Each trial's own early stopping ends it; those that end among the best `keep` share count as completed."""

    kind: Literal["early_stopping"] = "early_stopping"
    keep: float = 0.5


class AshaPruner(Part):
    """Cuts trials that are not among the best 1/`reduction_factor` at `min_epochs` · `reduction_factor`ⁿ epochs.

    `spare_improving`: none is cut at an epoch that is its best so far.
    """

    kind: Literal["asha"] = "asha"
    min_epochs: int
    reduction_factor: int = 4
    spare_improving: bool = True


class MedianPruner(Part):
    """Cuts trials whose best so far is worse than the median of the completed ones at the same epoch.

    Not before `startup_trials` have completed and it has trained `warmup_epochs`, and then every `interval_epochs`;
    `spare_improving`: none is cut at an epoch that is its best so far.
    """

    kind: Literal["median"] = "median"
    startup_trials: int = 5
    warmup_epochs: int = 0
    interval_epochs: int = 1
    spare_improving: bool = True


Pruner = EarlyStoppingPruner | AshaPruner | MedianPruner


class Budget(Part):
    """What the study may spend; None is no limit."""

    trials: int = 128
    epochs: int | None = None
    device_seconds: float | None = None
    wall_seconds: float | None = None
    cost: None = None
    failed_trials: int | None = 10


class Resources(Part):
    """What the study runs on, and how finely layers multiply; weights, moments and losses are float32 in every case."""

    device: Literal["any", "cpu", "cuda"] = "any"
    precision: Literal["float32", "tf32", "bfloat16"] = "float32"


class Resolved(Part):
    """What the definition's words meant when it was made.

    `dataset_digest` is the exact data that `dataset` named; `program` names the hyperparameters and the gates that
    lanes must share to be trained as one program.
    """

    dataset_digest: str
    program: tuple[str, ...]


class StudyDefinition(Part):
    """The whole question, as `regtune.study.parse_study` resolved it."""

    name: str
    labels: dict[str, str]
    priority: int
    seed: int
    runner: Literal["workers"]
    dataset: str
    model: Chosen
    training: Training
    regularizers: tuple[RegularizerUse, ...]
    objective: Objective
    constraints: tuple[()]
    split: Holdout
    sampler: Sampler
    pruner: Annotated[Pruner, Field(discriminator="kind")] | None
    budget: Budget
    stagnation: None
    confirm: None
    baselines: bool
    warm_start: tuple[()]
    resources: Resources
    resolved: Resolved

    def to_json(self) -> dict[str, Any]:
        """The definition as JSON values, keys in the contract's order."""
        return self.model_dump(mode="json")

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`, for definitions that were made by `parse_study`."""
        return cls.model_validate(dict(document))


_NOT_THE_QUESTION = ("name", "labels", "priority", "dataset")


def definition_digest(definition: StudyDefinition) -> str:
    """A SHA-256 of everything that decides what a study computes.

    Its name, labels and priority do not enter, and the data enters by content, however the study refers to it.
    """
    return digest_of({key: part for key, part in definition.to_json().items() if key not in _NOT_THE_QUESTION})
