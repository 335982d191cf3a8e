"""Gradient centralization beside pytorch_optimizer's centralize_gradient."""

import pytest
import torch

from regcore.regularizers.gradient_centralization import GradientCentralization

KEY = torch.tensor(0, dtype=torch.int32)


@pytest.mark.parametrize("shape", [(5,), (5, 4), (5, 4, 3, 3)])
def test_it_is_that_of_pytorch_optimizer(shape) -> None:
    """To float32's own tolerance."""
    reason = "pytorch_optimizer comes with the group parity"
    theirs = pytest.importorskip("pytorch_optimizer.optimizer.gradient_centralization", reason=reason)
    gradient = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    found = GradientCentralization().gradients({"weight": gradient}, {}, torch.tensor(0), KEY).get("weight", gradient)
    expected = gradient.clone()
    theirs.centralize_gradient(expected)
    torch.testing.assert_close(found, expected)
