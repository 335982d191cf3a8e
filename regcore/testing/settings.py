"""Settings of one kind that are worth trying: its defaults, the ends of its ranges, its choices, and off."""

from __future__ import annotations

from typing import Literal

from regcore.hyper import Hyperparameter, Value
from regcore.regularizers import find, kinds

Setting = dict[str, Value]
"""Hyperparameters of one kind by flat name: "dropout.rate" → 0.2."""


def settings_of(kind: str) -> list[Setting]:
    """The defaults, the low ends, the high ends, and the defaults with each other choice or flag."""
    knobs = find(kind).hyperparameters
    defaults = defaults_of(kind)
    low, high = (
        defaults | {f"{kind}.{name}": _end(knob, end) for name, knob in knobs.items() if _moves(knob)}
        for end in ("low", "high")
    )
    settings = [defaults, low, high]
    for name, knob in knobs.items():
        others = knob.choices if knob.type == "choice" else (False, True) if knob.type == "flag" else ()
        settings += [defaults | {f"{kind}.{name}": value} for value in others if value != knob.default]
    return settings


def combinable(inputs: str) -> tuple[str, ...]:
    """The kinds that can all be used at once on these inputs, "table" or "image": of a conflict the first."""
    chosen: list[str] = []
    for kind in kinds():
        rule = find(kind)
        at_odds = [one for one in chosen if one in rule.conflicts or kind in find(one).conflicts]
        if inputs in rule.inputs and not at_odds:
            chosen.append(kind)
    return tuple(chosen)


def defaults_of(kind: str) -> Setting:
    """Every hyperparameter at its default; of a kind that has none, its gate."""
    knobs = find(kind).hyperparameters
    return {f"{kind}.{name}": knob.default for name, knob in knobs.items()} or {f"{kind}.gate": True}


def off_setting_of(kind: str) -> Setting | None:
    """The defaults with every hyperparameter that has an off value at it; None if none has."""
    off = {f"{kind}.{name}": knob.off for name, knob in find(kind).hyperparameters.items() if knob.off is not None}
    return {**defaults_of(kind), **off} if off else None


def fixed_of(kind: str) -> Setting:
    """The defaults of the hyperparameters that all lanes of a program share."""
    return {
        f"{kind}.{name}": knob.default for name, knob in find(kind).hyperparameters.items() if knob.per == "program"
    }


def _moves(knob: Hyperparameter) -> bool:
    return knob.per == "lane" and knob.type in ("real", "integer")


def _end(knob: Hyperparameter, end: Literal["low", "high"]) -> Value:
    value: float = getattr(knob, end)
    return int(value) if knob.type == "integer" else value
