"""The search space of a study: one dimension for each hyperparameter and each gate that it searches, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from regcore.catalog import Catalog
from regcore.hyper import Hyperparameter, Per, Type
from regtune.setting import GATE, Value
from regtune.study.definition import Knob, OneOf, Range, StudyDefinition


@dataclass(frozen=True, slots=True)
class Dimension:
    """One searched hyperparameter or gate.

    A "real" or an "integer" lies in [low, high], both ends included, on a logarithmic scale where `log` is true; a
    "choice" is one of `choices` (names or numbers), a "flag" is true or false. `gate` names the dimension that must
    be true for this one to exist, or is None. `per` is "program" where lanes must share the value.
    """

    name: str
    type: Type
    low: float | int | None = None
    high: float | int | None = None
    log: bool = False
    choices: tuple[Value, ...] = ()
    per: Per = "lane"
    gate: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The dimension as JSON values."""
        return asdict(self) | {"choices": list(self.choices)}


@dataclass(frozen=True, slots=True)
class SearchSpace:
    """The dimensions of a study in a fixed order, each gate before those that hang on it."""

    dimensions: tuple[Dimension, ...]

    def to_json(self) -> dict[str, Any]:
        """The space as JSON values."""
        return {"dimensions": [dimension.to_json() for dimension in self.dimensions]}

    def __iter__(self) -> Iterator[Dimension]:
        return iter(self.dimensions)

    def __len__(self) -> int:
        return len(self.dimensions)


def space_of(definition: StudyDefinition, catalog: Catalog) -> SearchSpace:
    """What a study searches: its regularizers in its order, then its network, then its training."""
    return SearchSpace((*_of_regularizers(definition, catalog), *_of_the_rest(definition, catalog)))


def _of_regularizers(definition: StudyDefinition, catalog: Catalog) -> Iterator[Dimension]:
    for use in definition.regularizers:
        if use.gate == "off":
            continue
        gate = f"{use.kind}.{GATE}" if use.gate == "search" else None
        if gate is not None:
            yield Dimension(gate, "flag")
        yield from _searched(use.kind, catalog.kind(use.kind).hyperparameters, use.hyperparameters, gate)


def _of_the_rest(definition: StudyDefinition, catalog: Catalog) -> Iterator[Dimension]:
    model, training = definition.model, definition.training
    lengths: dict[str, Knob] = {"epochs": training.epochs, "batch_size": training.batch_size}
    optimizer, schedule = training.optimizer, training.schedule
    yield from _searched("model", catalog.architecture(model.kind).hyperparameters, model.hyperparameters)
    yield from _searched("training", catalog.training, lengths)
    yield from _searched("training.schedule", catalog.schedule(schedule.kind).hyperparameters, schedule.hyperparameters)
    yield from _searched(
        "training.optimizer", catalog.optimizer(optimizer.kind).hyperparameters, optimizer.hyperparameters
    )


def _searched(
    prefix: str, declared: Iterable[Hyperparameter], knobs: Mapping[str, Knob], gate: str | None = None
) -> Iterator[Dimension]:
    for hyperparameter in declared:
        knob = knobs[hyperparameter.name]
        name, per = f"{prefix}.{hyperparameter.name}", hyperparameter.per
        if isinstance(knob, Range):
            yield Dimension(name, hyperparameter.type, knob.low, knob.high, knob.log, (), per, gate)
        elif isinstance(knob, OneOf):
            both = hyperparameter.type == "flag" and len(knob.choices) > 1
            choices = () if both else knob.choices
            yield Dimension(name, "flag" if both else "choice", choices=choices, per=per, gate=gate)
