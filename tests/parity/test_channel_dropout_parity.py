"""Channel dropout beside torch's."""

import torch

from regcore.regularizers.channel_dropout import ChannelDropout
from regcore.sites import Site


def test_every_channel_is_dropped_or_rescaled_as_by_torch() -> None:
    images = torch.randn(30, 20, 4, 5, generator=torch.Generator().manual_seed(0))
    torch.manual_seed(1)
    theirs = torch.nn.functional.dropout2d(images, 0.4)
    ours = ChannelDropout(rate=0.4).apply(images, torch.tensor(1, dtype=torch.int32), Site("block.0", (20, 4, 5)))
    # the masks are drawn otherwise, so only channels that both keep are compared; what is dropped is 0 in both
    kept = (ours != 0).all((2, 3)) & (theirs != 0).all((2, 3))
    assert kept.any()
    torch.testing.assert_close(ours[kept], theirs[kept])
    for output in (ours, theirs):
        assert torch.equal((output == 0).all((2, 3)), (output == 0).any((2, 3)))
