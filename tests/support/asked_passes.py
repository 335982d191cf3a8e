"""Passes of a network given as a function of inputs: what a pass rule may ask for, outside of any training."""

from collections.abc import Callable

import torch
from torch import Tensor

from regcore.lanes.ops import soft_cross_entropy
from regcore.sites import Batch, Pass, Passes

Network = Callable[[Tensor, int], Tensor]
"""Inputs and the number of the pass → logits."""


def passes_of(network: Network, inputs: Tensor, targets: Tensor, seed: int = 12345) -> Passes:
    """The passes of a batch, whose loss is the mean cross-entropy."""

    def again(inputs: Tensor, number: int) -> Pass:
        logits = network(inputs, number)
        return Pass(soft_cross_entropy(logits, targets).mean(), logits)

    return Passes(Batch(inputs, targets), again(inputs, 0), again, torch.tensor(seed, dtype=torch.int32))


def drawn(*shape: int, seed: int = 0) -> Tensor:
    """Standard normal numbers in double precision."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
