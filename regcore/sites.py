"""Sites: where a regularizer acts on training, one base class for each.

Authors write ONE lane. Every method sees one fit's tensors (no lane axis) and hyperparameters that are tensors of no
dimension; the engine maps it over lanes with `torch.func.vmap`, asks for the lane mask, and guards a lane that is off
with `where(on, f(where(on, x, safe)), x)`. Hence: no Python branch on a tensor's value, no in-place write, no torch
generator (draw from the key, `regcore.lanes.randomness`), and no operation that `regcore.lanes.ops` replaces.

A step runs: batch transforms → target rules → forward (reparametrization, normalization, noise, branches) → loss rules
→ loss and activation terms → pass rules → backward → gradient rules → optimizer → weight rules → weight averages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from regcore.hyper import Declared

Parameters = dict[str, Tensor]
"""Tensors of one fit by name: weights, a kind's own parameters, gradients."""

Weights = Mapping[str, Tensor]
"""What is penalized: the weights of two or more dimensions `[out, in, …]`; never biases, gains or shifts."""

State = dict[str, Tensor]
"""What a kind remembers of one fit between steps and does not learn by gradient."""

Key = Tensor
"""A tensor of no dimension (int32) from which `regcore.lanes.randomness` draws; its own for every site and step."""


class Batch(NamedTuple):
    """A batch of one fit: inputs `[B, F]` or `[B, C, H, W]`, soft targets `[B, classes]` or `[B, 1]`."""

    inputs: Tensor
    targets: Tensor


@dataclass(frozen=True, slots=True)
class Site:
    """A place in a network: its path, the shape it has without the batch axis, and how deep it lies.

    `index` counts the places of that sort from the input, from 0; `count` is how many there are, or 0 where the
    network is still being built and nobody knows yet.
    """

    path: str
    shape: tuple[int, ...]
    index: int = 0
    count: int = 0


class Regularizer(Declared):
    """One method of regularization: the class of a file under `regcore/regularizers/`, whose name is its kind."""

    site: ClassVar[str] = ""
    meaning: ClassVar[int] = 1
    """Grows when the same setting begins to compute something else."""

    inputs: ClassVar[tuple[str, ...]] = ("table", "image")
    conflicts: ClassVar[tuple[str, ...]] = ()
    overlaps: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def kind(cls) -> str:
        """The name by which studies call it: that of its file."""
        return cls.__module__.rpartition(".")[2]


class LossTerm(Regularizer):
    """Adds a penalty on the weights to the mean data loss, once a step, never in evaluation."""

    site = "loss_term"

    def penalty(self, weights: Weights) -> Tensor:
        """The term, a scalar in units of the loss."""
        raise NotImplementedError


class NormPenalty(LossTerm):
    """A penalty l1 · Σ|w| + l2/2 · Σw²; all kinds of this base share one term in the graph."""

    def coefficients(self) -> tuple[Tensor | float, Tensor | float]:
        """(l1, l2), each a scalar ≥ 0."""
        raise NotImplementedError

    def penalty(self, weights: Weights) -> Tensor:
        return norm_penalty(weights, *self.coefficients())


def norm_penalty(weights: Weights, l1: Tensor | float, l2: Tensor | float) -> Tensor:
    """l1 · Σ|w| + l2/2 · Σw² over all weights, a scalar."""
    absolute = torch.stack([weight.abs().sum() for weight in weights.values()]).sum()
    squared = torch.stack([weight.square().sum() for weight in weights.values()]).sum()
    return l1 * absolute + 0.5 * l2 * squared


class ActivationTerm(Regularizer):
    """Adds a penalty on each hidden activation to the loss."""

    site = "activation_term"

    def penalty(self, activation: Tensor) -> Tensor:
        """The term of one activation `[B, …]`, a scalar; the sites' terms are added."""
        raise NotImplementedError


class ActivationNoise(Regularizer):
    """Disturbs activations in training; evaluation is left alone."""

    site = "activation_noise"
    where: ClassVar[Literal["inputs", "hidden", "everywhere"]] = "hidden"

    def apply(self, activation: Tensor, key: Key, site: Site) -> Tensor:
        """The disturbed activation, of the same shape `[B, …]`."""
        raise NotImplementedError


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


class BatchTransform(Regularizer):
    """Changes inputs, and targets where the method says so, in training only: augmentation, mixing, erasing."""

    site = "batch_transform"

    def apply(self, batch: Batch, key: Key) -> Batch:
        """The changed batch, of the same shapes."""
        raise NotImplementedError


class Normalization(Regularizer):
    """Normalizes pre-activations `[B, F]` or `[B, C, H, W]`; axis 1 holds the features."""

    site = "normalization"

    def parameters(self, site: Site) -> Parameters:
        """What it learns at this site, at its start."""
        return {}

    def state(self, site: Site) -> State:
        """What it remembers at this site, at its start."""
        return {}

    def train(self, activation: Tensor, own: Parameters, state: State) -> tuple[Tensor, State]:
        """The normalized activation and the new state."""
        raise NotImplementedError

    def evaluate(self, activation: Tensor, own: Parameters, state: State) -> Tensor:
        """The normalized activation in evaluation."""
        raise NotImplementedError


class Reparametrization(Regularizer):
    """Computes the weight that a layer uses from the weight that is learned."""

    site = "reparametrization"

    def parameters(self, site: Site, weight: Tensor) -> Parameters:
        """What it learns besides the weight; `weight` is the layer's initial one."""
        return {}

    def state(self, site: Site, key: Key) -> State:
        """What it remembers of this weight, at its start; `key` draws what starts at random."""
        return {}

    def train(self, weight: Tensor, own: Parameters, state: State, key: Key) -> tuple[Tensor, State]:
        """The weight to use in training, of the same shape, and the new state."""
        raise NotImplementedError

    def evaluate(self, weight: Tensor, own: Parameters, state: State) -> Tensor:
        """The weight to use in evaluation."""
        raise NotImplementedError

    def penalty(self, weight: Tensor, own: Parameters) -> Tensor:
        """A term of the loss, a scalar; none unless the method has one."""
        return weight.new_zeros(())


class Branch(Regularizer):
    """Joins the branches of a residual block to its shortcut; needs an architecture with skips.

    A lane without it adds the branches to the shortcut one after the other, so a rule that is off must do the same.
    """

    site = "branch"

    def train(self, shortcut: Tensor, branches: tuple[Tensor, ...], key: Key, site: Site) -> Tensor:
        """The block's output in training."""
        raise NotImplementedError

    def evaluate(self, shortcut: Tensor, branches: tuple[Tensor, ...], site: Site) -> Tensor:
        """The block's output in evaluation."""
        raise NotImplementedError


class GradientRule(Regularizer):
    """Changes the gradients of all parameters before the optimizer sees them."""

    site = "gradient_rule"

    def gradients(self, gradients: Parameters, parameters: Parameters, step: Tensor, key: Key) -> Parameters:
        """New gradients; `step` counts the fit's own steps from 0."""
        raise NotImplementedError


class Update(NamedTuple):
    """What a weight rule may know of the step that has just been taken."""

    before: Parameters
    learning_rate: Tensor
    step: Tensor
    state: State


class WeightRule(Regularizer):
    """Changes the weights after the optimizer's step: decay, proximal operators, norm projections, Lookahead."""

    site = "weight_rule"
    scope: ClassVar[Literal["weights", "all"]] = "weights"
    order: ClassVar[int] = 0
    """Rules run in rising order: decay 0, proximal operators 1, norm projections 2, Lookahead 3."""

    def state(self, parameters: Parameters) -> State:
        """What it remembers, at its start."""
        return {}

    def apply(self, weights: Parameters, update: Update) -> Parameters:
        """The new weights; `update.before` holds those before the optimizer's step."""
        raise NotImplementedError

    def remember(self, weights: Parameters, update: Update) -> State:
        """The new state, from the weights that `apply` gave."""
        return update.state


class WeightAverage(Regularizer):
    """Keeps an average of the parameters, which evaluation uses instead of them."""

    site = "weight_average"

    def state(self, parameters: Parameters) -> State:
        """What it remembers, at its start."""
        raise NotImplementedError

    def update(self, parameters: Parameters, state: State, step: Tensor, steps: Tensor) -> State:
        """The new state after a step; `steps` is how many the whole fit has."""
        raise NotImplementedError

    def members(self, parameters: Parameters, state: State) -> tuple[Parameters, ...]:
        """The sets of parameters whose predictions evaluation averages."""
        raise NotImplementedError


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


@dataclass(frozen=True, slots=True)
class Curves:
    """The curves of K fits: losses `[K, E]`, NaN beyond each fit's own number of epochs, and those numbers `[K]`."""

    validation_loss: np.ndarray
    train_loss: np.ndarray
    epochs: np.ndarray


class StoppingRule(Regularizer):
    """Decides from a fit's own curve when its training ends; its arithmetic is numpy, in `regcore.stopping`."""

    site = "stopping_rule"

    @classmethod
    def stops(cls, values: Mapping[str, np.ndarray], curves: Curves) -> np.ndarray:
        """Whether each fit ends now, `[K]` of bool; `values` holds each hyperparameter of the K fits, `[K]`."""
        raise NotImplementedError

    @classmethod
    def reason(cls, values: Mapping[str, object]) -> str:
        """Why a fit with these values has ended, for people."""
        raise NotImplementedError
