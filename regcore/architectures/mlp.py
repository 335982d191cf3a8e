"""Multilayer perceptron: hidden layers of one width with rectified linear units; images are flattened.

Each hidden layer is linear → normalization → ReLU → noise. After the first they are blocks of two, one being left over
at the end where their number is even, to which a kind may add shortcuts.
Source: Rumelhart, Hinton and Williams (1986), doi:10.1038/323533a0; Nair and Hinton (2010) for the unit.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from torch import Tensor

from regcore.hyper import integer
from regcore.network import Architecture, Network


class Mlp(Architecture):
    sites = ("normalization", "activation_noise", "activation_term", "reparametrization", "shortcut")

    width: int = integer(1, 4096, default=128, log=True, per="program", doc="Units of each hidden layer.")
    depth: int = integer(0, 16, default=2, per="program", doc="Hidden layers; 0 is a linear model.")

    def forward(self, network: Network, inputs: Tensor, outputs: int) -> Tensor:
        hidden = network.inputs(inputs.flatten(start_dim=1))
        if self.depth:
            hidden = self._layers(network, hidden, range(1))
        for first in range(1, self.depth, 2):
            layers = range(first, min(first + 2, self.depth))
            hidden = network.block(f"hidden.{first}", hidden, partial(self._layers, network, hidden, layers))
        return network.linear("output", hidden, outputs)

    def _layers(self, network: Network, hidden: Tensor, layers: Iterable[int], suffix: str = "") -> Tensor:
        for layer in layers:
            path = f"hidden.{layer}{suffix}"
            hidden = network.normalization(path, network.linear(path, hidden, self.width)).relu()
            hidden = network.activation(path, hidden)
        return hidden
