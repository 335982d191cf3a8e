"""The program part of a setting: what fits must have in common to be trained as lanes of one program."""

from __future__ import annotations

from typing import Any

from regtune.digests import digest_of
from regtune.setting import Setting
from regtune.space.settings import fit_values
from regtune.study.definition import StudyDefinition


def program_of(definition: StudyDefinition, setting: Setting) -> dict[str, Any]:
    """The program of a setting, as JSON values.

    It holds every kind that the study may use, also where this setting does not: gates are lane masks. `values` are
    the hyperparameters that shape the program, without those of kinds that the setting leaves out.
    """
    values = fit_values(definition, setting)
    training = definition.training
    return {
        "dataset_digest": definition.resolved.dataset_digest,
        "split": definition.split.model_dump(mode="json"),
        "precision": definition.resources.precision,
        "architecture": definition.model.kind,
        "optimizer": training.optimizer.kind,
        "schedule": training.schedule.kind,
        "kinds": sorted(use.kind for use in definition.regularizers if use.gate != "off"),
        "values": {name: values[name] for name in definition.resolved.program if name in values},
    }


def program_digest(definition: StudyDefinition, setting: Setting) -> str:
    """What tells programs apart, within a study and between studies: a SHA-256 of `program_of`."""
    return digest_of(program_of(definition, setting))
