"""Multilayer perceptron: hidden layers of one width with rectified linear units; images are flattened.

Each hidden layer is linear → normalization → ReLU → noise.
Source: Rumelhart, Hinton and Williams (1986), doi:10.1038/323533a0; Nair and Hinton (2010) for the unit.
"""

from __future__ import annotations

from torch import Tensor

from regcore.hyper import integer
from regcore.network import Architecture, Network


class Mlp(Architecture):
    sites = ("normalization", "activation_noise", "activation_term", "reparametrization")

    width: int = integer(1, 4096, default=128, log=True, per="program", doc="Units of each hidden layer.")
    depth: int = integer(0, 16, default=2, per="program", doc="Hidden layers; 0 is a linear model.")

    def forward(self, network: Network, inputs: Tensor, outputs: int) -> Tensor:
        hidden = network.inputs(inputs.flatten(start_dim=1))
        for layer in range(self.depth):
            path = f"hidden.{layer}"
            hidden = network.normalization(path, network.linear(path, hidden, self.width)).relu()
            hidden = network.activation(path, hidden)
        return network.linear("output", hidden, outputs)
