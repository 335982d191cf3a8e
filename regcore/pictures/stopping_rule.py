"""Stopping rules: a curve of losses, and the epoch at which each rule ends it."""

from __future__ import annotations

import numpy as np
import torch

from regcore.drawing import Box, Drawing, Plot
from regcore.pictures.examples import normals
from regcore.sites import Curves, StoppingRule

PLAIN = "the validation loss"
_EPOCHS = 70


def draw(drawing: Drawing, rule: StoppingRule) -> str:
    """The losses of a fit that overfits, and an upright line where each choice of rule ends it."""
    epochs = np.arange(1, _EPOCHS + 1)
    train = 0.1 + np.exp(-epochs / 12)
    noise = normals("losses", _EPOCHS).numpy() * 0.012 * (epochs < 40)
    validation = 0.35 + 0.9 * np.exp(-epochs / 8) + 0.00022 * np.maximum(epochs - 20, 0) ** 2 + noise
    plot = Plot(drawing, Box(36, 40, 428, 120), (0, _EPOCHS), (0, 1.25))
    plot.axes("epochs", "loss")
    plot.curve(epochs.tolist(), train.tolist(), "faint")
    plot.curve(epochs.tolist(), validation.tolist(), "plain")
    for place, (words, values) in enumerate(_variants(rule)):
        ended = _end(rule, values, validation, train)
        height = 1.2 - 0.13 * place
        if ended is None:
            drawing.text(plot.place(_EPOCHS, height), f"{words}: goes on", "kind", "end")
            continue
        plot.curve([ended, ended], [validation[ended - 1], height - 0.06], "kind")
        drawing.dot(plot.place(ended, validation[ended - 1]), "kind", 3)
        drawing.text(plot.place(ended, height), words, "kind", "middle")
        drawing.moved = max(drawing.moved, plot.place(_EPOCHS, 0)[0] - plot.place(ended, 0)[0])
    return "The validation loss of a fit, above its training loss (gray), and the epoch after which each rule ends it."


def _variants(rule: StoppingRule) -> list[tuple[str, dict[str, object]]]:
    """The rule's values with each choice of its first hyperparameter that has choices, under that name."""
    knobs = rule.hyperparameters.values()
    values = {knob.name: _plain(getattr(rule, knob.name), knob.choices) for knob in knobs}
    choosing = next((knob for knob in knobs if knob.choices), None)
    if choosing is None:
        return [(rule.kind(), values)]
    return [(choice, values | {choosing.name: choice}) for choice in choosing.choices]


def _plain(value: object, choices: tuple[str, ...]) -> object:
    number = value.item() if isinstance(value, torch.Tensor) else value
    return choices[int(number)] if choices and isinstance(number, int) else number


def _end(rule: StoppingRule, values: dict[str, object], validation: np.ndarray, train: np.ndarray) -> int | None:
    lanes = {name: np.array([value]) for name, value in values.items()}
    for epoch in range(1, _EPOCHS + 1):
        curves = Curves(validation[None, :epoch], train[None, :epoch], np.array([epoch]))
        if rule.stops(lanes, curves)[0]:
            return epoch
    return None
