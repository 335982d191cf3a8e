"""The L2 penalty on hidden activations."""

import torch
from training_runs import digits_program, digits_split, trained

from regcore.architectures.mlp import Mlp
from regcore.lanes import Fit
from regcore.regularizers.activity_l2 import ActivityL2

ROWS = torch.tensor([[1.0, -2.0], [0.0, 5.0]])


def test_it_sums_squares_over_units_and_averages_over_rows() -> None:
    assert ActivityL2(strength=0.5).penalty(ROWS).item() == 7.5


def test_its_gradient_is_twice_the_activation_over_the_number_of_rows() -> None:
    activation = ROWS.clone().requires_grad_()
    ActivityL2(strength=0.5).penalty(activation).backward()
    assert torch.equal(activation.grad, 0.5 * ROWS)


def test_it_is_the_mean_square_of_the_source_times_the_number_of_units() -> None:
    activation = torch.randn(6, 7, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(ActivityL2(strength=0.5).penalty(activation), 0.5 * 7 * activation.pow(2).mean())


def test_the_pixels_of_an_image_are_summed_as_units_are() -> None:
    images = torch.randn(3, 2, 4, 4, generator=torch.Generator().manual_seed(0))
    rule = ActivityL2(strength=0.5)
    torch.testing.assert_close(rule.penalty(images), rule.penalty(images.flatten(start_dim=1)))


def test_without_strength_it_is_zero() -> None:
    assert ActivityL2(strength=0.0).penalty(ROWS).item() == 0.0


def test_on_digits_activations_stay_smaller() -> None:
    rate = {"training.optimizer.learning_rate": 0.01}
    fits = [Fit("plain", 0, 5, rate), Fit("small", 0, 5, {**rate, "activity_l2.strength": 1e-2})]
    split = digits_split("digits-table")
    ends = trained(digits_program(["activity_l2"], Mlp(width=32, depth=1)), fits, 2, split).ends
    square = {}
    for key, end in ends.items():
        weights = end.weights.parameters
        hidden = (split.inputs_validation @ weights["hidden.0.weight"].T + weights["hidden.0.bias"]).relu()
        square[key] = hidden.square().mean().item()
    assert square["small"] < 0.8 * square["plain"]
