"""The L1 penalty on hidden activations."""

import pytest
import torch
from training_runs import digits_program, digits_split, trained

from regcore.architectures.mlp import Mlp
from regcore.lanes import Fit
from regcore.regularizers.activity_l1 import ActivityL1

ROWS = torch.tensor([[1.0, -2.0], [0.0, 5.0]])


def test_it_sums_over_units_and_averages_over_rows() -> None:
    assert ActivityL1(strength=0.5).penalty(ROWS).item() == 2.0


def test_the_pixels_of_an_image_are_summed_as_units_are() -> None:
    images = torch.randn(3, 2, 4, 4, generator=torch.Generator().manual_seed(0))
    rule = ActivityL1(strength=0.5)
    torch.testing.assert_close(rule.penalty(images), rule.penalty(images.flatten(start_dim=1)))


def test_its_gradient_is_the_sign_and_zero_at_zero() -> None:
    activation = ROWS.clone().requires_grad_()
    ActivityL1(strength=0.5).penalty(activation).backward()
    assert activation.grad.tolist() == [[0.25, -0.25], [0.0, 0.25]]


def test_it_does_not_depend_on_how_often_the_rows_are_repeated() -> None:
    rule = ActivityL1(strength=0.5)
    assert rule.penalty(ROWS.repeat(4, 1)) == rule.penalty(ROWS)


def test_without_strength_it_is_zero() -> None:
    assert ActivityL1(strength=0.0).penalty(ROWS).item() == 0.0


def test_on_digits_fewer_units_answer_to_a_row() -> None:
    rate = {"training.optimizer.learning_rate": 0.01}
    fits = [Fit("plain", 0, 10, rate), Fit("sparse", 0, 10, {**rate, "activity_l1.strength": 3e-2})]
    split = digits_split("digits-table")
    ends = trained(digits_program(["activity_l1"], Mlp(width=32, depth=1)), fits, 2, split).ends
    active = {}
    for key, end in ends.items():
        weights = end.weights.parameters
        hidden = (split.inputs_validation @ weights["hidden.0.weight"].T + weights["hidden.0.bias"]).relu()
        active[key] = (hidden > 0).double().mean().item()
    assert active["sparse"] < 0.7 * active["plain"]
    assert ends["sparse"].value == pytest.approx(ends["plain"].value, abs=0.05)
