"""Sites of the loss: terms on the weights, rules that change how logits and targets become a loss, and targets."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from regcore.sites.words import Key, Regularizer, State, Weights


class LossTerm(Regularizer):
    """Adds a penalty on the weights to the mean data loss, once a step, never in evaluation."""

    site = "loss_term"

    def penalty(self, weights: Weights) -> Tensor:
        """The term, a scalar in units of the loss."""
        raise NotImplementedError


class RememberingTerm(Regularizer):
    """A penalty on the weights that remembers something of its fit: where it began, or a running estimate."""

    site = "loss_term"

    def state(self, weights: Weights, key: Key) -> State:
        """What it remembers, at its start; `key` draws what starts at random."""
        raise NotImplementedError

    def train(self, weights: Weights, state: State) -> tuple[Tensor, State]:
        """The term, a scalar in units of the loss, and the new state."""
        raise NotImplementedError


class NormPenalty(LossTerm):
    """A penalty l1 · Σ|w| + l2/2 · Σw²; all kinds of this base share one term in the graph."""

    def coefficients(self) -> tuple[Tensor | float, Tensor | float]:
        """(l1, l2), each a scalar ≥ 0."""
        raise NotImplementedError

    def penalty(self, weights: Weights) -> Tensor:
        return norm_penalty(weights, *self.coefficients())


def norm_penalty(weights: Weights, l1: Tensor | float, l2: Tensor | float) -> Tensor:
    """l1 · Σ|w| + l2/2 · Σw² over all weights, a scalar; a half whose coefficient is the number 0 costs nothing."""
    penalty = next(iter(weights.values())).new_zeros(())
    if counts(l1):
        penalty = penalty + l1 * torch.stack([weight.abs().sum() for weight in weights.values()]).sum()
    if counts(l2):
        penalty = penalty + 0.5 * l2 * torch.stack([weight.square().sum() for weight in weights.values()]).sum()
    return penalty


def counts(coefficient: Tensor | float) -> bool:
    """Whether a coefficient may add something: any tensor may, and every number but 0."""
    return isinstance(coefficient, Tensor) or coefficient != 0


class LossRule(Regularizer):
    """Changes how logits and targets become a loss, in training only."""

    site = "loss_rule"

    def losses(self, logits: Tensor, targets: Tensor, inner: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
        """The losses of the samples `[B]`; `inner(logits, targets) -> [B]` is the loss that this rule changes."""
        return inner(logits, targets)

    def mean(self, loss: Tensor) -> Tensor:
        """The loss of the batch, a scalar, from the mean of its samples' losses."""
        return loss


class TargetRule(Regularizer):
    """Changes the soft targets, in training only."""

    site = "target_rule"

    def targets(self, targets: Tensor, key: Key) -> Tensor:
        """New targets `[B, classes]`."""
        raise NotImplementedError
