"""Residual network for tables: blocks that normalize first and add what they compute to their input.

After a linear layer to `width`, each block adds to h what normalization → linear to expansion · width → ReLU → noise →
linear to width make of it; normalization → ReLU → linear follow at the end. Which normalization stands there, if any,
is a matter of the kinds in use, batch normalization in the source. Images are flattened.
Source: Gorishniy, Rubachev, Khrulkov and Babenko (2021), arXiv:2106.11959, section 3.2.
"""

from __future__ import annotations

from functools import partial

from torch import Tensor

from regcore.hyper import integer
from regcore.network import Architecture, Network


class ResnetMlp(Architecture):
    sites = ("normalization", "activation_noise", "activation_term", "reparametrization", "branch")

    width: int = integer(1, 4096, default=128, log=True, per="program", doc="Features that blocks pass on.")
    depth: int = integer(1, 16, default=2, per="program", doc="Blocks.")
    expansion: int = integer(
        1, 4, default=2, per="program", doc="Hidden units of a block, as a multiple of the features."
    )

    def forward(self, network: Network, inputs: Tensor, outputs: int) -> Tensor:
        hidden = network.linear("input", network.inputs(inputs.flatten(start_dim=1)), self.width)
        for block in range(self.depth):
            path = f"block.{block}"
            hidden = network.residual(path, hidden, partial(self._branch, network, path, hidden))
        hidden = network.activation("last", network.normalization("last", hidden).relu())
        return network.linear("output", hidden, outputs)

    def _branch(self, network: Network, path: str, hidden: Tensor, suffix: str) -> Tensor:
        first, second = f"{path}.0{suffix}", f"{path}.1{suffix}"
        units = network.linear(first, network.normalization(first, hidden), self.expansion * self.width).relu()
        return network.linear(second, network.activation(first, units), self.width)
