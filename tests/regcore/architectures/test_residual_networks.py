"""The residual networks, against the same written with torch's own layers."""

import torch
from torch import nn
from torch.nn import functional

from regcore.architectures.resnet import Resnet
from regcore.architectures.resnet_mlp import ResnetMlp
from regcore.lanes.building import build
from regcore.lanes.kinds import Kinds
from regcore.lanes.network import LaneNetwork, Layout
from regcore.lanes.randomness import stream_key

ROWS = 5


def built(architecture, shape):
    """The parameters of a network, and its logits of some rows in evaluation."""
    key_of = lambda name: torch.tensor(stream_key(0, name), dtype=torch.int32)  # noqa: E731
    parameters, state, layout = build(architecture, Kinds([]), shape, 3, key_of, Layout())
    inputs = torch.randn(ROWS, *shape, generator=torch.Generator().manual_seed(0))
    network = LaneNetwork(Kinds([]), parameters, state, layout, keys=None)
    return parameters, inputs, architecture.forward(network, inputs, 3)


def test_the_residual_network_for_tables_is_its_formula() -> None:
    parameters, inputs, logits = built(ResnetMlp(width=6, depth=2, expansion=3), (4,))

    def linear(path, values):
        return functional.linear(values, parameters[f"{path}.weight"], parameters[f"{path}.bias"])

    hidden = linear("input", inputs)
    for block in range(2):
        units = linear(f"block.{block}.0", hidden).relu()
        assert units.shape == (ROWS, 18)
        hidden = hidden + linear(f"block.{block}.1", units)
    torch.testing.assert_close(logits, linear("output", hidden.relu()))


def test_the_residual_network_for_images_is_its_formula() -> None:
    parameters, inputs, logits = built(Resnet(width=4, blocks=2), (2, 9, 9))

    def convolution(path, images, stride=1):
        return functional.conv2d(images, parameters[f"{path}.weight"], parameters[f"{path}.bias"], stride, 1)

    hidden = convolution("stem", inputs).relu()
    for stage in range(3):
        for block in range(2):
            path, stride = f"stage.{stage}.block.{block}", 2 if stage > 0 and block == 0 else 1
            branch = convolution(f"{path}.1", convolution(f"{path}.0", hidden, stride).relu())
            shortcut = torch.zeros_like(branch)
            kept = hidden[:, :, ::stride, ::stride]
            shortcut[:, : kept.shape[1]] = kept
            hidden = (shortcut + branch).relu()
    assert hidden.shape == (ROWS, 16, 3, 3)
    mean = nn.AdaptiveAvgPool2d(1)(hidden).flatten(start_dim=1)
    torch.testing.assert_close(logits, functional.linear(mean, parameters["output.weight"], parameters["output.bias"]))


def test_three_blocks_a_stage_make_twenty_layers() -> None:
    parameters, _, _ = built(Resnet(width=2, blocks=3), (1, 8, 8))
    assert sum(name.endswith(".weight") for name in parameters) == 20
