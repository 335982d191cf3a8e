"""A study: the question, resolved from what a user wrote."""

from regtune.study.definition import (
    Budget,
    Chosen,
    EarlyStoppingPruner,
    Holdout,
    Knob,
    Objective,
    OneOf,
    Range,
    RegularizerUse,
    Resources,
    Sampler,
    StudyDefinition,
    Training,
    definition_digest,
)
from regtune.study.parse import ParsedStudy, parse_study

__all__ = [
    "Budget",
    "Chosen",
    "EarlyStoppingPruner",
    "Holdout",
    "Knob",
    "Objective",
    "OneOf",
    "ParsedStudy",
    "Range",
    "RegularizerUse",
    "Resources",
    "Sampler",
    "StudyDefinition",
    "Training",
    "definition_digest",
    "parse_study",
]
