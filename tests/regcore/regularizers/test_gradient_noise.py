"""Gradient noise: g + N(0, η / (1 + t)^γ)."""

import pytest
import torch

from regcore.regularizers.gradient_noise import GradientNoise

KEY = torch.tensor(12345, dtype=torch.int32)
ONES = {"weight": torch.ones(200, 100)}


def noise(step=0, key=KEY, gradients=ONES, **values):
    rule = GradientNoise(**values)
    changed = rule.gradients(gradients, gradients, torch.tensor(step), key)
    return {name: changed[name] - gradients[name] for name in gradients}


@pytest.mark.parametrize(("step", "deviation"), [(0, 0.5), (3, 0.25), (99, 0.05)])
def test_the_variance_falls_with_the_step_by_its_power(step, deviation) -> None:
    drawn = noise(step, variance=0.25, decay=1.0)["weight"]
    assert drawn.std().item() == pytest.approx(deviation, rel=0.03)
    assert drawn.mean().item() == pytest.approx(0.0, abs=5 * deviation / drawn.numel() ** 0.5)


def test_without_decay_the_noise_stays_as_it_was() -> None:
    assert noise(1000, variance=0.25, decay=0.0)["weight"].std().item() == pytest.approx(0.5, rel=0.03)


def test_without_variance_gradients_stay_to_the_bit() -> None:
    gradients = {"weight": torch.randn(20, 10, generator=torch.Generator().manual_seed(0))}
    changed = GradientNoise(variance=0.0).gradients(gradients, gradients, torch.tensor(0), KEY)
    assert torch.equal(changed["weight"], gradients["weight"])


def test_a_parameter_draws_the_same_whatever_other_parameters_there_are() -> None:
    company = {"bias": torch.ones(100), **ONES, "hidden.0.batch_norm.gain": torch.ones(100)}
    assert torch.equal(noise(gradients=company)["weight"], noise()["weight"])
    assert not torch.equal(noise(gradients=company)["bias"], noise(gradients=company)["hidden.0.batch_norm.gain"])


def test_a_parameter_that_the_fit_does_not_use_gets_none() -> None:
    unused = {"hidden.0.batch_norm.gain": torch.zeros(100)}
    assert torch.equal(noise(gradients=unused)["hidden.0.batch_norm.gain"], torch.zeros(100))


def test_elements_without_gradient_get_noise_where_others_of_the_parameter_have_one() -> None:
    gradient = torch.eye(100)
    assert torch.all(noise(gradients={"weight": gradient})["weight"] != 0)


def test_every_step_draws_anew() -> None:
    assert not torch.equal(noise(decay=0.0)["weight"], noise(decay=0.0, key=KEY + 1)["weight"])
