"""Gradient centralization: g − share · mean(g) of each row."""

import torch

from regcore.regularizers.gradient_centralization import GradientCentralization

KEY = torch.tensor(0, dtype=torch.int32)


def centralized(gradient, **values):
    return GradientCentralization(**values).gradients({"weight": gradient}, {}, torch.tensor(0), KEY)


def test_the_mean_of_each_row_is_taken_away() -> None:
    gradient = torch.tensor([[1.0, 3.0], [10.0, 10.0]])
    assert torch.equal(centralized(gradient)["weight"], torch.tensor([[-1.0, 1.0], [0.0, 0.0]]))


def test_the_mean_of_a_channels_kernel_is_over_all_its_axes() -> None:
    gradient = torch.randn(4, 3, 5, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    torch.testing.assert_close(centralized(gradient)["weight"].sum((1, 2, 3)), torch.zeros(4, dtype=torch.float64))


def test_a_share_takes_part_of_the_mean() -> None:
    assert torch.equal(centralized(torch.tensor([[1.0, 3.0]]), share=0.5)["weight"], torch.tensor([[0.0, 2.0]]))


def test_without_a_share_gradients_stay_to_the_bit() -> None:
    gradient = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    assert torch.equal(centralized(gradient, share=0.0)["weight"], gradient)


def test_vectors_are_left_alone() -> None:
    assert centralized(torch.tensor([1.0, 3.0])) == {}


def test_the_mean_of_a_units_weights_stays_where_it_is() -> None:
    weight = torch.randn(4, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    inputs = torch.randn(8, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    moved = weight
    for _ in range(5):
        gradient = torch.func.grad(lambda weight: (inputs @ weight.T).tanh().square().mean())(moved)
        moved = moved - 0.5 * centralized(gradient)["weight"]
    torch.testing.assert_close(moved.mean(1), weight.mean(1))
    assert not torch.allclose(moved, weight)
