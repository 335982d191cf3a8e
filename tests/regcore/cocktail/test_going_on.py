"""Going on after a break: a loop that is saved and read again is the loop that was never ended."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import pytest
import torch
from loops import Engine, Loop
from torch import Tensor

from regcore.cocktail import LoopError
from regcore.hyper import Value
from regcore.regularizers import find, kinds
from regcore.testing import settings_of

FIRST = 7


def saved(loop: Loop) -> dict[str, Any]:
    """A loop as a file holds it."""
    file = io.BytesIO()
    parts = (loop.model, loop.optimizer, loop.attached)
    torch.save([part.state_dict() for part in parts], file)
    file.seek(0)
    return dict(zip(("model", "optimizer", "attached"), torch.load(file, weights_only=True), strict=True))


def losses(setting: Mapping[str, Value], network: str, broken: bool) -> tuple[list[float], Tensor]:
    """The data losses of all steps and what is then predicted, with a break after the first few steps or without."""
    engine = Engine.of(network, setting, "adamw")
    loop = Loop.beside(engine, network, setting, "adamw")
    found = []
    for step, rows in enumerate(engine.batches()):
        if broken and step == FIRST:
            state = saved(loop)
            loop = Loop.beside(engine, network, setting, "adamw")
            for part, name in ((loop.model, "model"), (loop.optimizer, "optimizer"), (loop.attached, "attached")):
                part.load_state_dict(state[name])
        found.append(loop.step(rows))
    return found, loop.attached.predict(loop.split.inputs_validation)


def network_for(kind: str) -> str:
    if "table" not in find(kind).inputs:
        return "convnet"
    return "blocks" if find(kind).place in ("branch", "shortcut") else "mlp"


@pytest.mark.parametrize("kind", kinds())
def test_a_loop_goes_on_as_though_it_had_not_ended(kind: str) -> None:
    setting, network = settings_of(kind)[0], network_for(kind)
    (one, predicted), (other, predicted_too) = (losses(setting, network, broken) for broken in (False, True))
    assert one == other
    assert torch.equal(predicted, predicted_too)


def test_the_curve_goes_on_too() -> None:
    answers = []
    for broken in (False, True):
        engine = Engine.of("mlp", {"early_stopping.patience": 2}, "sgd")
        loop = Loop.beside(engine, "mlp", {"early_stopping.patience": 2}, "sgd")
        batches = list(engine.batches())
        for epoch, loss in enumerate((1.0, 1.1, 1.2)):
            loop.step(batches[epoch])
            if broken and epoch == 1:
                state = saved(loop)
                loop = Loop.beside(engine, "mlp", {"early_stopping.patience": 2}, "sgd")
                loop.model.load_state_dict(state["model"])
                loop.attached.load_state_dict(state["attached"])
            answers.append(loop.attached.stops(loss))
        loop.attached.take_best()
        answers.append(loop.attached.predict(loop.split.inputs_validation))
    torch.testing.assert_close(answers[3], answers[7], rtol=0, atol=0)
    assert answers[:3] == answers[4:7] == [None, None, "the validation loss has not improved for 2 epochs"]


def test_the_state_of_another_loop_is_refused() -> None:
    engine = Engine.of("mlp", {"dropout.rate": 0.5}, "sgd")
    loop = Loop.beside(engine, "mlp", {"dropout.rate": 0.5}, "sgd")
    other = Loop.beside(engine, "mlp", {"dropout.rate": 0.4}, "sgd")
    with pytest.raises(LoopError, match="the saved loop had another setting: "):
        other.attached.load_state_dict(loop.attached.state_dict())
    seeded = Loop.beside(engine, "mlp", {"dropout.rate": 0.5}, "sgd", seed=9)
    with pytest.raises(LoopError, match="another seed: 3, and this one has 9"):
        seeded.attached.load_state_dict(loop.attached.state_dict())
