"""The search space of a study: one dimension for each hyperparameter and each gate that it searches, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from regcore.catalog import Catalog
from regcore.hyper import Hyperparameter
from regtune.setting import gate_of
from regtune.space.dimensions import Dimension, SearchSpace
from regtune.space.gates import gates_of
from regtune.study.definition import Knob, OneOf, Range, StudyDefinition
from regtune.study.places import placed_uses

_ALWAYS: Mapping[str, bool] = {}


def space_of(definition: StudyDefinition, catalog: Catalog) -> SearchSpace:
    """What a study searches: its regularizers, then its network, then its training.

    Regularizers come in the study's order, but a kind that gives a place before those that need it.
    """
    return SearchSpace((*_of_regularizers(definition, catalog), *_of_the_rest(definition, catalog)))


def _of_regularizers(definition: StudyDefinition, catalog: Catalog) -> Iterator[Dimension]:
    gates = {gate.name: gate for gate in gates_of(definition, catalog)}
    for placed in placed_uses(definition.regularizers, catalog, catalog.architecture(definition.model.kind)):
        use = placed.use
        gate = gates.get(gate_of(use.kind))
        if gate is not None:
            yield gate
        conditions = _ALWAYS if gate is None else {gate.name: True}
        yield from _searched(use.kind, catalog.kind(use.kind).hyperparameters, use.hyperparameters, conditions)


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
    prefix: str,
    declared: Iterable[Hyperparameter],
    knobs: Mapping[str, Knob],
    conditions: Mapping[str, bool] = _ALWAYS,
) -> Iterator[Dimension]:
    for hyperparameter in declared:
        knob = knobs[hyperparameter.name]
        name, per = f"{prefix}.{hyperparameter.name}", hyperparameter.per
        if isinstance(knob, Range):
            yield Dimension(name, hyperparameter.type, knob.low, knob.high, knob.log, (), per, conditions)
        elif isinstance(knob, OneOf):
            both = hyperparameter.type == "flag" and len(knob.choices) > 1
            choices = () if both else knob.choices
            yield Dimension(name, "flag" if both else "choice", choices=choices, per=per, conditions=conditions)
