"""Small convolutional network: 3×3 convolutions, halving the image after each, then one linear layer.

Each block is convolution → normalization → ReLU → 2×2 maximum → noise; channels double from block to block.
Source: LeCun, Bottou, Bengio and Haffner (1998), doi:10.1109/5.726791.
"""

from __future__ import annotations

from torch import Tensor

from regcore.hyper import integer
from regcore.lanes.ops import halve_by_maximum
from regcore.network import Architecture, Network


class Convnet(Architecture):
    accepts = ("image",)
    sites = ("normalization", "activation_noise", "activation_term", "reparametrization", "channels")

    width: int = integer(1, 512, default=16, log=True, per="program", doc="Channels of the first block.")
    depth: int = integer(1, 5, default=2, per="program", doc="Blocks.")

    def forward(self, network: Network, inputs: Tensor, outputs: int) -> Tensor:
        hidden = network.inputs(inputs)
        for block in range(self.depth):
            path = f"block.{block}"
            hidden = network.normalization(path, network.convolution(path, hidden, self.width * 2**block)).relu()
            if min(hidden.shape[-2:]) >= 2:
                hidden = halve_by_maximum(hidden)
            hidden = network.activation(path, hidden)
        return network.linear("output", hidden.flatten(start_dim=1), outputs)
