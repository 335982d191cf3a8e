"""Weight normalization beside torch's parametrization, over steps of gradient descent."""

import pytest
import torch
from torch.nn.utils import parametrizations

from regcore.regularizers.weight_norm import WeightNorm
from regcore.sites import Site

KEY = torch.tensor(1, dtype=torch.int32)


@pytest.mark.parametrize("layer", [torch.nn.Linear(5, 4), torch.nn.Conv2d(3, 4, 2)], ids=["linear", "convolution"])
def test_it_trains_as_torchs_does(layer) -> None:
    """torch has no ε; at the smallest the two differ by rounding."""
    start = torch.randn(layer.weight.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    layer = layer.double()
    layer.weight.data = start.clone()
    theirs = parametrizations.weight_norm(layer, dim=0)
    rule = WeightNorm(epsilon=1e-12)
    own = rule.parameters(Site("layer", tuple(start.shape)), start)
    weight, length = start.clone().requires_grad_(), own["length"].requires_grad_()
    target = torch.randn(start.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    descent = torch.optim.SGD([*theirs.parameters(), weight, length], lr=0.05)
    for _ in range(10):
        descent.zero_grad()
        used, _ = rule.train(weight, {"length": length}, {}, KEY)
        torch.testing.assert_close(used, theirs.weight, rtol=1e-9, atol=1e-9)
        ((used - target) ** 2).sum().backward()
        ((theirs.weight - target) ** 2).sum().backward()
        descent.step()
    assert not torch.allclose(used, start)
