"""A plain loop with a setting attached is the fit of the lane engine with the same seed, weights and batches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import pytest
import torch
from loops import STEPS, Engine, Loop
from torch import Tensor

from regcore.hyper import Value
from regcore.regularizers import find, kinds
from regcore.testing import settings_of

TOLERANCE = 1e-5
AMPLIFIED = {"vat": 1e-3}
"""It takes the unit vector of a gradient that is nearly zero, in which rounding becomes a difference."""
ON_BLOCKS = ("branch", "shortcut")


def network_for(kind: str, inputs: str) -> str:
    """The network on which a kind is tried: one with blocks where it needs them."""
    if find(kind).place in ON_BLOCKS:
        return "blocks" if inputs == "table" else "image_blocks"
    return "mlp" if inputs == "table" else "convnet"


EVERY = [(kind, network_for(kind, inputs)) for kind in kinds() for inputs in find(kind).inputs]
COCKTAIL = {
    "batch_norm.momentum": 0.2,
    "decoupled_weight_decay.strength": 0.1,
    "drop_path.rate": 0.2,
    "dropout.rate": 0.2,
    "early_stopping.patience": 3,
    "l1.strength": 1e-4,
    "shake_shake.gate": True,
    "skip_connections.gate": True,
}


@dataclass(frozen=True)
class Together:
    """What a loop and a lane came to: data losses of all steps, predictions, and what the loop left predicts."""

    losses: list[float]
    losses_in_a_lane: list[float]
    predicted: Tensor
    predicted_in_a_lane: Tensor
    predicted_by_what_is_left: Tensor


def trained(network: str, setting: Mapping[str, Value], optimizer: str) -> Together:
    engine = Engine.of(network, setting, optimizer)
    loop = Loop.beside(engine, network, setting, optimizer)
    losses = [loop.step(rows) for rows in engine.batches()]
    losses_in_a_lane = engine.losses()
    inputs = loop.split.inputs_validation
    predicted = loop.attached.predict(inputs)
    with torch.no_grad():
        left = loop.attached.detach().eval()(inputs)
    return Together(losses, losses_in_a_lane, predicted, engine.predictions(), left)


@cache
def trained_with(kind: str, network: str, optimizer: str) -> Together:
    return trained(network, settings_of(kind)[0], optimizer)


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
@pytest.mark.parametrize(("kind", "network"), EVERY, ids=lambda name: name)
def test_every_step_has_the_loss_that_it_has_in_a_lane(kind: str, network: str, optimizer: str) -> None:
    together = trained_with(kind, network, optimizer)
    assert len(together.losses) == STEPS
    assert together.losses == pytest.approx(together.losses_in_a_lane, rel=AMPLIFIED.get(kind, TOLERANCE))


# Adam makes steps of the rounding errors that are the gradients of biases before a normalization: with plain steps.
@pytest.mark.parametrize(("kind", "network"), EVERY, ids=lambda name: name)
def test_after_the_steps_it_predicts_what_the_lane_does(kind: str, network: str) -> None:
    together = trained_with(kind, network, "sgd")
    tolerance = AMPLIFIED.get(kind, TOLERANCE)
    torch.testing.assert_close(together.predicted, together.predicted_in_a_lane, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(("kind", "network"), EVERY, ids=lambda name: name)
def test_what_is_left_after_the_loop_predicts_the_same(kind: str, network: str) -> None:
    together = trained_with(kind, network, "sgd")
    torch.testing.assert_close(together.predicted_by_what_is_left, together.predicted, rtol=1e-5, atol=1e-6)


def test_a_cocktail_of_many_kinds_follows_too() -> None:
    together = trained("blocks", COCKTAIL, "sgd")
    assert together.losses == pytest.approx(together.losses_in_a_lane, rel=TOLERANCE)
    torch.testing.assert_close(together.predicted, together.predicted_in_a_lane, rtol=TOLERANCE, atol=TOLERANCE)


def test_another_seed_draws_another_noise() -> None:
    engine = Engine.of("mlp", {"dropout.rate": 0.5}, "sgd", seed=3)
    loop = Loop.beside(engine, "mlp", {"dropout.rate": 0.5}, "sgd", seed=4)
    losses = [loop.step(rows) for rows in engine.batches()]
    assert losses != pytest.approx(engine.losses(), rel=1e-2)
