"""Max norm beside torch's renorm."""

import pytest
import torch

from regcore.regularizers.max_norm import MaxNorm
from regcore.sites import Update


@pytest.mark.parametrize("shape", [(7, 5), (7, 3, 2, 2)], ids=["linear", "convolution"])
def test_rows_are_projected_as_torch_does(shape) -> None:
    """torch divides by the norm and 1e-7 more, hence the tolerance."""
    weight = 2 * torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    update = Update({}, torch.tensor(0.1), torch.tensor(0), {})
    found = MaxNorm(bound=2.0).apply({"weight": weight}, update)["weight"]
    torch.testing.assert_close(found, torch.renorm(weight, 2, 0, 2.0), rtol=1e-6, atol=0)
