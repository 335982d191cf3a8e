"""The settings at which a kind is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from regcore.hyper import Hyperparameter, Value
from regcore.sites import Regularizer


class Shown(NamedTuple):
    """A rule with a lane's values, and these values in words."""

    rule: Regularizer
    words: str


def settings_to_show(cls: type[Regularizer]) -> Iterator[Shown]:
    """The kind at its defaults, and with one after another of what is searched at the high end."""
    knobs = cls.hyperparameters
    defaults = {name: knob.default for name, knob in knobs.items()}
    yield _shown(cls, defaults)
    for name, knob in knobs.items():
        if knob.search and knob.type in ("real", "integer"):
            defaults[name] = knob.search[1]
            yield _shown(cls, defaults)


def _shown(cls: type[Regularizer], values: dict[str, Value]) -> Shown:
    knobs = cls.hyperparameters
    words = [f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}" for name, value in values.items()]
    return Shown(cls(**{name: _of_lane(knobs[name], value) for name, value in values.items()}), ", ".join(words))


def _of_lane(knob: Hyperparameter, value: Value) -> Tensor | Value:
    """A value as a lane has it: a tensor, of a choice its place; what lanes share is the number itself."""
    if knob.per == "program":
        return value
    return torch.tensor(knob.choices.index(str(value)) if knob.type == "choice" else value)
