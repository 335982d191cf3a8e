"""A small network with every sort of site: where the checks train."""

from __future__ import annotations

from torch import Tensor

from regcore.network import Architecture, Network

_WIDTH = 8


class SmallNetwork(Architecture):
    """A layer (a convolution for images), a block, a residual block, and an output layer."""

    sites = (
        "normalization",
        "activation_noise",
        "activation_term",
        "reparametrization",
        "branch",
        "shortcut",
        "channels",
    )

    def forward(self, network: Network, inputs: Tensor, outputs: int) -> Tensor:
        hidden = network.inputs(inputs)
        layer = network.convolution if hidden.dim() == 4 else network.linear
        hidden = layer("stem", hidden, _WIDTH)
        hidden = network.activation("stem", network.normalization("stem", hidden).relu())
        narrow = network.linear("narrow", hidden.flatten(start_dim=1), _WIDTH)

        def layer_of(inputs: Tensor, path: str) -> Tensor:
            return network.activation(path, network.normalization(path, network.linear(path, inputs, _WIDTH)).relu())

        hidden = network.block("block", narrow, lambda suffix: layer_of(narrow, f"block{suffix}"))
        joined = network.residual("residual", hidden, lambda suffix: layer_of(hidden, f"residual{suffix}"))
        return network.linear("output", joined.relu(), outputs)
