"""The program part of a setting: what fits must have in common to be trained as lanes of one program."""

from __future__ import annotations

from typing import Any

from regtune.digests import digest_of
from regtune.setting import Setting, Value, is_gate, kinds_in_use
from regtune.space.settings import fit_values
from regtune.study.definition import OneOf, Range, StudyDefinition


def program_of(definition: StudyDefinition, setting: Setting) -> dict[str, Any]:
    """The program of a setting, as JSON values.

    It holds every kind that the study may use, also where this setting does not, since gates are lane masks; but not
    an unused kind whose gate is the program's, or which would be shaped by a value that only a setting with it has.
    `values` are the hyperparameters that shape the program.
    """
    shared = definition.resolved.program
    values = {**_fixed(definition), **fit_values(definition, setting)}
    in_use = kinds_in_use(setting)
    unused = [use.kind for use in definition.regularizers if use.gate != "off" and use.kind not in in_use]
    left_out = {name.partition(".")[0] for name in shared if is_gate(name) or name not in values} & {*unused}
    training = definition.training
    return {
        "dataset_digest": definition.resolved.dataset_digest,
        "split": definition.split.model_dump(mode="json"),
        "precision": definition.resources.precision,
        "architecture": definition.model.kind,
        "optimizer": training.optimizer.kind,
        "schedule": training.schedule.kind,
        "kinds": sorted({*in_use, *unused} - left_out),
        "values": {
            name: values[name] for name in shared if not is_gate(name) and name.partition(".")[0] not in left_out
        },
    }


def program_digest(definition: StudyDefinition, setting: Setting) -> str:
    """What tells programs apart, within a study and between studies: a SHA-256 of `program_of`."""
    return digest_of(program_of(definition, setting))


def _fixed(definition: StudyDefinition) -> dict[str, Value]:
    """The numbers that the study fixes for its regularizers, by their names in a setting."""
    return {
        f"{use.kind}.{name}": knob
        for use in definition.regularizers
        for name, knob in use.hyperparameters.items()
        if not isinstance(knob, Range | OneOf)
    }
