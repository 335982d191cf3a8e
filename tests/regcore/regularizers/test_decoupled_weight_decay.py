"""Decoupled weight decay: w ← w − ηλ w₀ after the optimizer's step."""

import pytest
import torch

from regcore.optimizers.adam import Adam
from regcore.optimizers.sgd import Sgd
from regcore.regularizers.decoupled_weight_decay import DecoupledWeightDecay
from regcore.sites import Update


def trained(optimizer, strength, rates, start, dtype):
    """The weight after one step at each learning rate on Σ sin w, with our optimizer and decay."""
    parameters = {"weight": start.to(dtype)}
    moments = optimizer.start(parameters)
    for step, rate in enumerate(rates):
        gradients = {"weight": parameters["weight"].cos()}
        learning_rate, at = torch.tensor(rate, dtype=dtype), torch.tensor(step)
        stepped, moments = optimizer.update(parameters, gradients, moments, at, learning_rate)
        update = Update(parameters, learning_rate, at, {})
        parameters = DecoupledWeightDecay(strength=strength).apply(stepped, update)
    return parameters["weight"]


def trained_by_torch(optimizer, rates, start):
    for rate in rates:
        optimizer.param_groups[0]["lr"] = rate
        optimizer.zero_grad()
        start.sin().sum().backward()
        optimizer.step()
    return start.detach()


START = torch.randn(20, 10, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
RATES = [0.1 / (1 + step) for step in range(30)]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_with_adam_it_is_the_adamw_of_torch_under_a_schedule(dtype) -> None:
    ours = trained(Adam(), 0.3, RATES, START, dtype)
    weight = START.to(dtype, copy=True).requires_grad_()
    torch.testing.assert_close(ours, trained_by_torch(torch.optim.AdamW([weight], weight_decay=0.3), RATES, weight))


def test_with_plain_gradient_descent_it_is_the_weight_decay_of_torch() -> None:
    ours = trained(Sgd(), 0.3, RATES, START, torch.float64)
    weight = START.clone().requires_grad_()
    theirs = trained_by_torch(torch.optim.SGD([weight], lr=0.1, weight_decay=0.3), RATES, weight)
    torch.testing.assert_close(ours, theirs)


def test_a_weight_without_gradient_shrinks_by_the_learning_rate_times_the_strength() -> None:
    weight = torch.tensor([2.0])
    update = Update({"weight": weight}, torch.tensor(0.1), torch.tensor(0), {})
    decayed = DecoupledWeightDecay(strength=0.3).apply({"weight": weight}, update)["weight"]
    torch.testing.assert_close(decayed, torch.tensor([1.94]))


def test_without_strength_weights_stay_to_the_bit() -> None:
    update = Update({"weight": START}, torch.tensor(0.1), torch.tensor(0), {})
    assert torch.equal(DecoupledWeightDecay(strength=0.0).apply({"weight": START}, update)["weight"], START)


def test_biases_are_left_alone() -> None:
    assert DecoupledWeightDecay.scope == "weights"
