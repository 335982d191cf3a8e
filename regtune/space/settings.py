"""The settings of a study: from a point of its space, and the two that every study begins with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from regcore.catalog import Catalog
from regcore.hyper import Hyperparameter
from regtune.setting import Setting, Value, gate_of
from regtune.space.gates import gates_of
from regtune.study.definition import Knob, OneOf, Range, RegularizerUse, StudyDefinition
from regtune.study.knobs import default_of


def setting_of(definition: StudyDefinition, values: Mapping[str, Value]) -> dict[str, Value]:
    """The setting at a point of the space: `values` holds one for each dimension that exists there.

    A gate that does not exist there, since its kind conflicts with one in use or has no place, is shown as false.

    Raises:
        KeyError: a dimension of the study has no value.
    """
    setting: dict[str, Value] = {}
    for use in definition.regularizers:
        setting.update(_of_regularizer(use, values))
    setting.update({name: values[name] for name, knob in _numbers(definition) if isinstance(knob, Range | OneOf)})
    return setting


def plain_setting(definition: StudyDefinition, catalog: Catalog) -> dict[str, Value]:
    """The setting of trial 0: nothing on, and what is searched of network and training at its default."""
    return setting_of(_without_regularizers(definition), _defaults(definition, catalog))


def default_setting(definition: StudyDefinition, catalog: Catalog) -> dict[str, Value]:
    """The setting of trial 1: the study's own kinds on, and what is searched at its default.

    Of searched kinds that conflict the first in the order of the space is on.
    What the study fixes stays fixed, and a default outside of what the study searches gives way to the nearest value
    inside, since this trial may win and a study must not answer with a value that its user ruled out.
    """
    return setting_of(definition, _gates_on(definition, catalog) | _defaults(definition, catalog))


def fit_values(definition: StudyDefinition, setting: Setting) -> dict[str, Value]:
    """All that a fit needs: the setting, and the numbers of network and training that the study fixes."""
    fixed = {name: knob for name, knob in _numbers(definition) if not isinstance(knob, Range | OneOf)}
    return {**fixed, **setting}


def _of_regularizer(use: RegularizerUse, values: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    if use.gate == "off":
        return
    gate = gate_of(use.kind)
    # A kind without hyperparameters has nothing but its gate to show that it is in use.
    if use.gate == "search" or not use.hyperparameters:
        on = values.get(gate, False) if use.gate == "search" else True
        yield gate, on
        if on is not True:
            return
    for hyperparameter, knob in use.hyperparameters.items():
        name = f"{use.kind}.{hyperparameter}"
        yield name, values[name] if isinstance(knob, Range | OneOf) else knob


def _numbers(definition: StudyDefinition) -> Iterator[tuple[str, Knob]]:
    training = definition.training
    for name, knob in definition.model.hyperparameters.items():
        yield f"model.{name}", knob
    yield "training.epochs", training.epochs
    yield "training.batch_size", training.batch_size
    for name, knob in training.schedule.hyperparameters.items():
        yield f"training.schedule.{name}", knob
    for name, knob in training.optimizer.hyperparameters.items():
        yield f"training.optimizer.{name}", knob


def _without_regularizers(definition: StudyDefinition) -> StudyDefinition:
    """The study with the kinds that it always uses switched off; searched gates stay, and are false."""
    searched = tuple(use for use in definition.regularizers if use.gate == "search")
    return definition.model_copy(update={"regularizers": searched})


def _gates_on(definition: StudyDefinition, catalog: Catalog) -> dict[str, Value]:
    """As many searched gates as can be true together, the earlier before the later."""
    on: dict[str, Value] = {}
    for gate in gates_of(definition, catalog):
        if gate.exists(on):
            on[gate.name] = True
    return on


def _defaults(definition: StudyDefinition, catalog: Catalog) -> dict[str, Value]:
    training = definition.training
    declared = {
        **_named("model", catalog.architecture(definition.model.kind).hyperparameters),
        **_named("training", catalog.training),
        **_named("training.schedule", catalog.schedule(training.schedule.kind).hyperparameters),
        **_named("training.optimizer", catalog.optimizer(training.optimizer.kind).hyperparameters),
    }
    knobs = dict(_numbers(definition))
    for use in definition.regularizers:
        declared |= _named(use.kind, catalog.kind(use.kind).hyperparameters)
        knobs |= {f"{use.kind}.{name}": knob for name, knob in use.hyperparameters.items()}
    return {name: _nearest_to_default(hyperparameter, knobs[name]) for name, hyperparameter in declared.items()}


def _named(prefix: str, declared: tuple[Hyperparameter, ...]) -> dict[str, Hyperparameter]:
    return {f"{prefix}.{hyperparameter.name}": hyperparameter for hyperparameter in declared}


def _nearest_to_default(declared: Hyperparameter, knob: Knob) -> Value:
    default = default_of(declared)
    if isinstance(knob, Range) and not isinstance(default, str):
        return min(max(default, knob.low), knob.high)
    if isinstance(knob, OneOf):
        return default if default in knob.choices else _nearest_choice(default, knob.choices)
    return default


def _nearest_choice(default: Value, choices: tuple[Value, ...]) -> Value:
    """The number nearest to the default, the first of several; of names, which are not near or far, the first."""
    numbers = [choice for choice in choices if not isinstance(choice, str)]
    if isinstance(default, str) or not numbers:
        return choices[0]
    return min(numbers, key=lambda choice: abs(choice - default))
