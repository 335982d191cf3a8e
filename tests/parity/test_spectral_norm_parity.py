"""Spectral normalization beside torch's, over steps of gradient descent."""

import pytest
import torch
from torch.nn.utils import spectral_norm

from regcore.regularizers.spectral_norm import SpectralNorm

KEY = torch.tensor(1, dtype=torch.int32)
LAYERS = {"linear": lambda: torch.nn.Linear(5, 4).double(), "convolution": lambda: torch.nn.Conv2d(3, 4, 2).double()}


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("iterations", [1, 3])
def test_it_trains_as_torchs_does_from_the_same_vectors(layer, iterations) -> None:
    """torch has it twice: this form takes the steps of the power method in the source's order, the other one turned."""
    torch.manual_seed(0)
    theirs = spectral_norm(LAYERS[layer](), n_power_iterations=iterations)
    state = {"left": theirs.weight_u.clone()}
    rule = SpectralNorm(bound=1.0, iterations=iterations)
    weight = theirs.weight_orig.detach().clone().requires_grad_()
    target = torch.randn(weight.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    inputs = torch.zeros((1, 5) if layer == "linear" else (1, 3, 2, 2), dtype=torch.float64)
    descent = torch.optim.SGD([theirs.weight_orig, weight], lr=0.05)
    for _ in range(5):
        descent.zero_grad()
        used, state = rule.train(weight, {}, state, KEY)
        theirs(inputs)  # computes the weight anew
        torch.testing.assert_close(used, theirs.weight)
        ((used - target) ** 2).sum().backward()
        ((theirs.weight - target) ** 2).sum().backward()
        torch.testing.assert_close(weight.grad, theirs.weight_orig.grad)
        descent.step()
