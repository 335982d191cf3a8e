"""Layer, RMS and group normalization beside torch's, with their gradients."""

import pytest
import torch
from torch import nn

from regcore.regularizers.group_norm import GroupNorm
from regcore.regularizers.layer_norm import LayerNorm
from regcore.regularizers.rms_norm import RmsNorm
from regcore.sites import Site

TABLE, IMAGE = (5, 6), (5, 6, 3, 2)


def drawn(*shape, seed=0):
    return 3 * torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) + 2


CASES = {
    "layer norm of a table": (LayerNorm(epsilon=1e-3), TABLE, lambda: nn.LayerNorm(6, eps=1e-3)),
    # torch's layer norm learns a gain for each pixel; its group norm of one group has the same statistics
    "layer norm of images": (LayerNorm(epsilon=1e-3), IMAGE, lambda: nn.GroupNorm(1, 6, eps=1e-3)),
    "RMS norm of a table": (RmsNorm(epsilon=1e-3), TABLE, lambda: nn.RMSNorm(6, eps=1e-3)),
    "group norm of a table": (GroupNorm(groups=3, epsilon=1e-3), TABLE, lambda: nn.GroupNorm(3, 6, eps=1e-3)),
    "group norm of images": (GroupNorm(groups=2, epsilon=1e-3), IMAGE, lambda: nn.GroupNorm(2, 6, eps=1e-3)),
    "instance norm": (GroupNorm(groups=6, epsilon=1e-3), IMAGE, lambda: nn.InstanceNorm2d(6, eps=1e-3, affine=True)),
}


@pytest.mark.parametrize("case", CASES)
def test_outputs_and_gradients_are_those_of_torch(case) -> None:
    rule, shape, module = CASES[case]
    theirs = module().double()
    own = {name: drawn(6, seed=at + 1).requires_grad_() for at, name in enumerate(rule.parameters(Site("", shape[1:])))}
    for parameter, value in zip(theirs.parameters(), own.values(), strict=True):
        parameter.data = value.detach().clone()
    ours_in, theirs_in = (drawn(*shape).requires_grad_() for _ in range(2))
    output, _ = rule.train(ours_in, own, {})
    expected = theirs(theirs_in)
    weighting = drawn(*shape, seed=9)
    (output * weighting).sum().backward()
    (expected * weighting).sum().backward()
    torch.testing.assert_close(output, expected)
    torch.testing.assert_close(ours_in.grad, theirs_in.grad)
    for parameter, value in zip(theirs.parameters(), own.values(), strict=True):
        torch.testing.assert_close(value.grad, parameter.grad)
    torch.testing.assert_close(rule.evaluate(ours_in, own, {}), theirs.eval()(theirs_in))


def test_rms_norm_of_images_is_torchs_over_channels_and_pixels() -> None:
    rule, images = RmsNorm(epsilon=1e-3), drawn(*IMAGE)
    own = {name: value.double() for name, value in rule.parameters(Site("", IMAGE[1:])).items()}
    torch.testing.assert_close(rule.evaluate(images, own, {}), nn.RMSNorm(IMAGE[1:], eps=1e-3).double()(images))
