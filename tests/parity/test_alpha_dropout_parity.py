"""Alpha dropout beside torch's."""

import pytest
import torch

from regcore.regularizers.alpha_dropout import AlphaDropout
from regcore.sites import Site


@pytest.mark.parametrize("rate", [0.05, 0.3, 0.9])
def test_kept_and_dropped_units_become_what_torch_makes_of_them(rate) -> None:
    values = torch.randn(4000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    torch.manual_seed(1)
    theirs = torch.nn.functional.alpha_dropout(values, rate, training=True)
    key = torch.tensor(1, dtype=torch.int32)
    ours = AlphaDropout(rate=torch.tensor(rate, dtype=torch.float64)).apply(values, key, Site("hidden.0", (4000,)))
    # what is dropped has one value, the commonest; the masks are drawn otherwise, so only units alike are compared
    dropped = [output == output.mode().values for output in (ours, theirs)]
    for alike in (dropped[0] & dropped[1], ~dropped[0] & ~dropped[1]):
        assert alike.any()
        torch.testing.assert_close(ours[alike], theirs[alike], rtol=1e-6, atol=1e-6)
