"""The search space of a study, its settings and its programs."""

from regtune.setting import Setting, Value, kinds_in_use, setting_digest
from regtune.space.dimensions import Dimension, SearchSpace
from regtune.space.programs import program_digest, program_of
from regtune.space.settings import default_setting, fit_values, plain_setting, setting_of
from regtune.space.spaces import space_of

__all__ = [
    "Dimension",
    "SearchSpace",
    "Setting",
    "Value",
    "default_setting",
    "fit_values",
    "kinds_in_use",
    "plain_setting",
    "program_digest",
    "program_of",
    "setting_digest",
    "setting_of",
    "space_of",
]
