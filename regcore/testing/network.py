"""A small network with every sort of site: where the checks train."""

from __future__ import annotations

from torch import Tensor

from regcore.network import Architecture, Network

_WIDTH = 8


class SmallNetwork(Architecture):
    """A layer (a convolution for images), a residual block with two branches, and an output layer."""

    sites = ("normalization", "activation_noise", "activation_term", "reparametrization", "branch")

    def forward(self, network: Network, inputs: Tensor, outputs: int) -> Tensor:
        hidden = network.inputs(inputs)
        layer = network.convolution if hidden.dim() == 4 else network.linear
        hidden = layer("stem", hidden, _WIDTH)
        hidden = network.activation("stem", network.normalization("stem", hidden).relu())
        hidden = network.linear("narrow", hidden.flatten(start_dim=1), _WIDTH)
        hidden = network.activation("narrow", network.normalization("narrow", hidden).relu())
        branches = tuple(network.linear(f"branch.{number}", hidden, _WIDTH) for number in range(2))
        return network.linear("output", network.join("block", hidden, branches).relu(), outputs)
