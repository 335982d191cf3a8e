"""Adaptive sharpness-aware minimization: the gradient at w + ρ T² g / ‖T g‖ with T = |w| + η."""

import torch

from regcore.regularizers.asam import Asam


def moved(parameters, gradients, **values):
    """Where the gradient is taken."""
    return Asam(**values).gradients(parameters, gradients, lambda parameters: parameters)


def test_each_weight_moves_by_the_square_of_its_size() -> None:
    """T = (2, 1), T g = (6, 8) of norm 10, T² g = (12, 8)."""
    found = moved({"w": torch.tensor([2.0, -1.0])}, {"w": torch.tensor([3.0, 8.0])}, radius=0.5, floor=0.0)
    torch.testing.assert_close(found["w"], torch.tensor([2.6, -0.6]))


def test_the_norm_is_over_all_parameters() -> None:
    parameters = {"weight": torch.tensor([[2.0]]), "bias": torch.tensor([-1.0])}
    found = moved(parameters, {"weight": torch.tensor([[3.0]]), "bias": torch.tensor([8.0])}, radius=0.5, floor=0.0)
    torch.testing.assert_close(found, {"weight": torch.tensor([[2.6]]), "bias": torch.tensor([-0.6])})


def test_zeros_move_by_the_floor_alone() -> None:
    zeros, gradient = {"w": torch.zeros(2)}, {"w": torch.tensor([3.0, 4.0])}
    assert torch.equal(moved(zeros, gradient, radius=1.0, floor=0.0)["w"], torch.zeros(2))
    torch.testing.assert_close(moved(zeros, gradient, radius=1.0, floor=0.1)["w"], torch.tensor([0.06, 0.08]))


def test_scaling_one_layer_up_and_the_next_down_changes_nothing_that_the_loss_sees() -> None:
    def product(layers):
        return layers["first"] * layers["second"]

    layers = {"first": torch.tensor([0.5]), "second": torch.tensor([2.0])}
    gradients = {"first": layers["second"], "second": layers["first"]}
    scaled = {"first": 4 * layers["first"], "second": layers["second"] / 4}
    scaled_gradients = {"first": gradients["first"] / 4, "second": 4 * gradients["second"]}
    one, other = moved(layers, gradients, floor=0.0), moved(scaled, scaled_gradients, floor=0.0)
    torch.testing.assert_close(product(one), product(other))
    assert not torch.allclose(product(one), product(layers))


def test_without_a_radius_the_weights_stay_to_the_bit() -> None:
    parameters = {"w": torch.randn(20, generator=torch.Generator().manual_seed(0))}
    assert torch.equal(moved(parameters, parameters, radius=0.0)["w"], parameters["w"])
