"""Projected gradients: several steps of the sign, kept within ±ε of the inputs."""

import pytest
import torch
from asked_passes import drawn, passes_of

from regcore.regularizers.fgsm import Fgsm
from regcore.regularizers.pgd import Pgd
from regcore.sites import TrainingRows

INPUTS, TARGETS = drawn(5, 4), torch.eye(3, dtype=torch.float64)[[0, 1, 2, 0, 1]]
WEIGHTS = 2 * drawn(8, 4, seed=1), drawn(3, 8, seed=2)


def network(inputs):
    return torch.tanh(inputs.flatten(1) @ WEIGHTS[0].T) @ WEIGHTS[1].T


def moved(rule, inputs=INPUTS, rows=None):
    """The inputs of every pass but the first."""
    seen = []
    rule.known = type(rule).prepare(rows or TrainingRows(inputs, TARGETS))
    rule.loss(passes_of(lambda inputs, number: seen.append(inputs) or network(inputs), inputs, TARGETS))
    return seen[1:]


def cross_entropy(inputs):
    return torch.nn.functional.cross_entropy(network(inputs), TARGETS)


@pytest.mark.parametrize("steps", [1, 4])
def test_it_takes_so_many_steps_and_one_pass_more(steps) -> None:
    assert len(moved(Pgd(steps=steps))) == steps + 1


def test_it_starts_anywhere_within_the_radius() -> None:
    start = moved(Pgd(radius=0.2, steps=2))[0] - INPUTS
    assert start.abs().max() <= 0.2
    assert len(start.unique()) == start.numel()


def test_a_step_is_by_the_sign_of_the_gradient_and_the_last_stays_within_the_radius() -> None:
    first, second, last = (torch.as_tensor(found).double() for found in moved(Pgd(radius=0.2, steps=2)))
    for before, after in ((first, second), (second, last)):
        inputs = before.clone().requires_grad_()
        (slopes,) = torch.autograd.grad(cross_entropy(inputs), inputs)
        stepped = before + 2.5 / 2 * 0.2 * slopes.sign()
        torch.testing.assert_close(after, INPUTS + (stepped - INPUTS).clamp(-0.2, 0.2))


def test_it_finds_inputs_that_are_worse_than_those_of_one_step() -> None:
    one, several = moved(Fgsm(radius=0.5))[-1], moved(Pgd(radius=0.5, steps=10))[-1]
    assert cross_entropy(several) > cross_entropy(one) > cross_entropy(INPUTS)


@pytest.mark.parametrize("off", [{"radius": 0.0}, {"share": 0.0}])
def test_without_radius_or_share_the_loss_stays_to_the_bit(off) -> None:
    rule = Pgd(**off)
    rule.known = Pgd.prepare(TrainingRows(INPUTS, TARGETS))
    asked = passes_of(lambda inputs, _: network(inputs), INPUTS, TARGETS)
    assert torch.equal(rule.loss(asked), asked.first.loss)


def test_the_columns_of_a_category_stay_as_they_are_at_every_step() -> None:
    categorical = torch.tensor([False, True, True, False])
    rows = TrainingRows(INPUTS, TARGETS, torch.tensor([0, 1, 1, 2]), categorical)
    for inputs in moved(Pgd(), rows=rows):
        assert torch.equal(inputs[:, categorical], INPUTS[:, categorical])


def test_pixels_stay_within_the_training_images_at_every_step() -> None:
    images = INPUTS.sigmoid().reshape(5, 1, 2, 2)
    for inputs in moved(Pgd(radius=1.0), images):
        assert images.min() <= inputs.min()
        assert inputs.max() <= images.max()
