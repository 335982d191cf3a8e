"""The power method of the spectral penalty beside torch's spectral norm of the same weight and directions."""

import torch

from regcore.regularizers.spectral_penalty import SpectralPenalty


def test_each_step_takes_the_iteration_of_torchs_spectral_norm() -> None:
    """To 1e-5, in float32; a unit weight has σ² = 2 · penalty, and torch divides the weight by its σ."""
    layer = torch.nn.Linear(5, 4, bias=False)
    weight = torch.randn(4, 5, generator=torch.Generator().manual_seed(0))
    layer.weight.data.copy_(weight)
    layer = torch.nn.utils.parametrizations.spectral_norm(layer, n_power_iterations=1)
    state = {"weight": layer.parametrizations.weight[0]._u.clone()}
    for _ in range(5):
        penalty, state = SpectralPenalty(strength=1.0).train({"weight": weight}, state)
        sigma = weight[0, 0] / layer.weight[0, 0]
        torch.testing.assert_close((2 * penalty).sqrt(), sigma.detach(), rtol=1e-5, atol=0)
