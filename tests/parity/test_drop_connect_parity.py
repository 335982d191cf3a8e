"""DropConnect beside torch's dropout of a layer's weight."""

import torch
from torch.nn import functional

from regcore.regularizers.drop_connect import DropConnect


def test_weights_become_what_torchs_dropout_makes_of_them() -> None:
    """The masks are drawn otherwise; what is kept and what is left out is the same."""
    weight = torch.randn(100, 80, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    ours, _ = DropConnect(rate=0.4).train(weight, {}, {}, torch.tensor(1, dtype=torch.int32))
    torch.manual_seed(0)
    theirs = functional.dropout(weight, 0.4, training=True)
    kept, left_out = (ours != 0) & (theirs != 0), (ours == 0) & (theirs == 0)
    assert kept.any()
    assert left_out.any()
    torch.testing.assert_close(ours[kept], theirs[kept])
    assert abs((ours == 0).double().mean() - (theirs == 0).double().mean()) < 0.03
