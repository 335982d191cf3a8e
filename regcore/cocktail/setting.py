"""Reading a setting: its kinds, each value held against its declaration."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from regcore.cocktail.errors import InvalidSetting, named
from regcore.hyper import Hyperparameter, Value
from regcore.regularizers import find, kinds

_OF_TRAININGS = ("training", "model")
_GATE = "gate"


@dataclass(frozen=True, slots=True)
class Setting:
    """A legal setting of regularizers: its kinds in alphabetical order, and its values by flat name."""

    kinds: tuple[str, ...]
    values: Mapping[str, Value]

    @property
    def fixed(self) -> dict[str, Value]:
        """Every value of the kinds that is no lane's own, by flat name."""
        return {
            f"{kind}.{name}": self.values.get(f"{kind}.{name}", knob.default)
            for kind in self.kinds
            for name, knob in find(kind).hyperparameters.items()
            if knob.per == "program"
        }


def read_setting(setting: Mapping[str, Value]) -> Setting:
    """A setting as the service writes it: "dropout.rate" → 0.3, "skip_connections.gate" → True.

    A kind is used if one of its hyperparameters is there, or its gate is true; what is left out has its default. Values
    of the training and the model ("training.…", "model.…") are left aside.

    Raises:
        InvalidSetting: a kind or hyperparameter is unknown, a value is not allowed, or two kinds exclude one another.
    """
    values: dict[str, Value] = {}
    used: set[str] = set()
    for flat, value in setting.items():
        kind, _, name = flat.partition(".")
        if kind in _OF_TRAININGS:
            continue
        if kind not in kinds():
            raise InvalidSetting(flat, kind, f"a regularizer: {named(kind, kinds())}")
        knobs = find(kind).hyperparameters
        if name == _GATE:
            if not isinstance(value, bool):
                raise InvalidSetting(flat, value, "True or False")
            used |= {kind} if value else set()
            continue
        if name not in knobs:
            raise InvalidSetting(flat, name, f"{named(name, [*knobs, _GATE])} of {kind}")
        values[flat] = _allowed(flat, value, knobs[name])
        used.add(kind)
    _refuse_conflicts(used)
    return Setting(tuple(sorted(used)), {**values, **{f"{kind}.{_GATE}": True for kind in sorted(used)}})


def _allowed(at: str, value: Value, knob: Hyperparameter) -> Value:
    if knob.type == "choice":
        if value not in knob.choices:
            raise InvalidSetting(at, value, f"one of {', '.join(knob.choices)}")
        return value
    if knob.type == "flag":
        if not isinstance(value, bool):
            raise InvalidSetting(at, value, "True or False")
        return value
    low, high = knob.low, knob.high
    besides = "" if knob.off is None else f", or {knob.off}"
    what = "a whole number" if knob.type == "integer" else "a number"
    allowed = f"{what} from {low} to {high}{besides}"
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidSetting(at, value, allowed)
    if knob.type == "integer" and value != int(value):
        raise InvalidSetting(at, value, allowed)
    if value != knob.off and low is not None and high is not None and not low <= value <= high:
        raise InvalidSetting(at, value, allowed)
    return int(value) if knob.type == "integer" else value


def _refuse_conflicts(used: set[str]) -> None:
    for kind in sorted(used):
        others = sorted(used & set(find(kind).conflicts))
        if others:
            raise InvalidSetting(kind, f"{kind} beside {', '.join(others)}", "one of them alone")
