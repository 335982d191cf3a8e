"""The program part of a setting: what fits must have in common to be trained as lanes of one program."""

from __future__ import annotations

from typing import Any

from regtune.digests import digest_of
from regtune.setting import Setting, gate_of, is_gate, kinds_in_use
from regtune.space.settings import fit_values
from regtune.study.definition import StudyDefinition


def program_of(definition: StudyDefinition, setting: Setting) -> dict[str, Any]:
    """The program of a setting, as JSON values.

    It holds every kind that the study may use, also where this setting does not, since gates are lane masks; but of
    the kinds whose gate is the program's only those that this setting uses. `values` are the hyperparameters that
    shape the program, without those of kinds that the setting leaves out.
    """
    values = fit_values(definition, setting)
    in_use = kinds_in_use(setting)
    shared = definition.resolved.program
    kinds = [use.kind for use in definition.regularizers if use.gate != "off"]
    training = definition.training
    return {
        "dataset_digest": definition.resolved.dataset_digest,
        "split": definition.split.model_dump(mode="json"),
        "precision": definition.resources.precision,
        "architecture": definition.model.kind,
        "optimizer": training.optimizer.kind,
        "schedule": training.schedule.kind,
        "kinds": sorted(kind for kind in kinds if kind in in_use or gate_of(kind) not in shared),
        "values": {name: values[name] for name in shared if name in values and not is_gate(name)},
    }


def program_digest(definition: StudyDefinition, setting: Setting) -> str:
    """What tells programs apart, within a study and between studies: a SHA-256 of `program_of`."""
    return digest_of(program_of(definition, setting))
