"""The site of the passes: methods that run the network more than once in a step."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor

from regcore.sites.words import Batch, Key, Parameters, Regularizer


class Pass(NamedTuple):
    """One pass through the network: the loss with its terms (a scalar) and the logits `[B, classes]`."""

    loss: Tensor
    logits: Tensor


class Passes(NamedTuple):
    """What a pass rule may ask for.

    `again(inputs, number)` runs the same parameters on other inputs; `number` ≥ 1 draws its own noise, 0 that of the
    first pass. `key` is the rule's own. Only the first pass of a step updates running statistics.
    """

    batch: Batch
    first: Pass
    again: Callable[[Tensor, int], Pass]
    key: Key


class PassRule(Regularizer):
    """Asks for further passes in a step: sharpness-aware, adversarial and consistency methods."""

    site = "pass_rule"

    def loss(self, passes: Passes) -> Tensor:
        """The loss of the step, a scalar."""
        return passes.first.loss

    def gradients(
        self, parameters: Parameters, gradients: Parameters, gradients_at: Callable[[Parameters], Parameters]
    ) -> Parameters:
        """The gradients to use; `gradients_at` gives those at other parameters, with the same batch and noise."""
        return gradients
