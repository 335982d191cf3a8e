"""A study: the question, resolved from what a user wrote."""

from regtune.study.definition import (
    AshaPruner,
    Budget,
    Chosen,
    EarlyStoppingPruner,
    Holdout,
    Knob,
    MedianPruner,
    Objective,
    OneOf,
    Pruner,
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
    "AshaPruner",
    "Budget",
    "Chosen",
    "EarlyStoppingPruner",
    "Holdout",
    "Knob",
    "MedianPruner",
    "Objective",
    "OneOf",
    "ParsedStudy",
    "Pruner",
    "Range",
    "RegularizerUse",
    "Resources",
    "Sampler",
    "StudyDefinition",
    "Training",
    "definition_digest",
    "parse_study",
]
