"""Residual convolutional network for small images: three stages of blocks, each stage of half the image's side.

A 3×3 convolution to `width` channels, then three stages of `blocks` blocks with width, 2 · width and 4 · width
channels; a block adds to its input what convolution → normalization → ReLU → noise → convolution → normalization make
of it, and ReLU and noise follow. The first block of the later stages moves by two pixels; its shortcut takes every
second pixel and adds channels of zeros, so that shortcuts have no weights. The mean over the pixels and a linear layer
end it. With `width` 16 and `blocks` 3, 5, 7 or 9 it is the source's network of 20, 32, 44 or 56 layers. Without a
normalization among the kinds in use a deep one trains badly.
Source: He, Zhang, Ren and Sun (2016), arXiv:1512.03385, section 4.2.
"""

from __future__ import annotations

from functools import partial

from torch import Tensor
from torch.nn import functional

from regcore.hyper import integer
from regcore.network import Architecture, Network

_STAGES = 3


class Resnet(Architecture):
    accepts = ("image",)
    sites = ("normalization", "activation_noise", "activation_term", "reparametrization", "branch", "channels")

    width: int = integer(1, 256, default=16, log=True, per="program", doc="Channels of the first stage.")
    blocks: int = integer(1, 9, default=1, per="program", doc="Blocks of each stage.")

    def forward(self, network: Network, inputs: Tensor, outputs: int) -> Tensor:
        hidden = network.convolution("stem", network.inputs(inputs), self.width)
        hidden = network.activation("stem", network.normalization("stem", hidden).relu())
        for stage in range(_STAGES):
            for block in range(self.blocks):
                path, stride = f"stage.{stage}.block.{block}", 2 if stage and not block else 1
                shortcut = _shortcut(hidden, self.width * 2**stage, stride)
                joined = network.residual(path, shortcut, partial(_branch, network, path, hidden, shortcut, stride))
                hidden = network.activation(path, joined.relu())
        return network.linear("output", hidden.mean((-2, -1)), outputs)


def _shortcut(images: Tensor, channels: int, stride: int) -> Tensor:
    """Every `stride`-th pixel of the images, and channels of zeros besides theirs."""
    return functional.pad(images[..., ::stride, ::stride], (0, 0, 0, 0, 0, channels - images.shape[1]))


def _branch(network: Network, path: str, images: Tensor, shortcut: Tensor, stride: int, suffix: str) -> Tensor:
    channels = shortcut.shape[1]
    first, second = f"{path}.0{suffix}", f"{path}.1{suffix}"
    hidden = network.convolution(first, images, channels, stride=stride)
    hidden = network.activation(first, network.normalization(first, hidden).relu())
    return network.normalization(second, network.convolution(second, hidden, channels))
