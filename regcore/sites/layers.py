"""Sites of the network: its activations, its normalizations, its weights and its branches."""

from __future__ import annotations

from typing import ClassVar, Literal

from torch import Tensor

from regcore.sites.words import Key, Parameters, Regularizer, Site, State


class ActivationTerm(Regularizer):
    """Adds a penalty on each hidden activation to the loss."""

    site = "activation_term"
    place = "activation_term"

    def penalty(self, activation: Tensor) -> Tensor:
        """The term of one activation `[B, …]`, a scalar; the sites' terms are added."""
        raise NotImplementedError


class ActivationNoise(Regularizer):
    """Disturbs activations in training; evaluation is left alone."""

    site = "activation_noise"
    place = "activation_noise"
    where: ClassVar[Literal["inputs", "hidden", "everywhere"]] = "hidden"
    one_draw: ClassVar[bool] = False
    """Whether all its sites get the same key in a step, that of its rule on targets if it has one, in every pass."""

    def apply(self, activation: Tensor, key: Key, site: Site) -> Tensor:
        """The disturbed activation, of the same shape `[B, …]`."""
        raise NotImplementedError


class Normalization(Regularizer):
    """Normalizes pre-activations `[B, F]` or `[B, C, H, W]`; axis 1 holds the features."""

    site = "normalization"
    place = "normalization"

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


def by_feature(values: Tensor, activation: Tensor) -> Tensor:
    """Values of the features `[F]`, shaped to meet axis 1 of the activation."""
    return values.reshape(1, -1, *[1] * (activation.dim() - 2))


class Reparametrization(Regularizer):
    """Computes the weight that a layer uses from the weight that is learned."""

    site = "reparametrization"
    place = "reparametrization"

    def parameters(self, site: Site, weight: Tensor) -> Parameters:
        """What it learns besides the weight; `weight` is the layer's initial one."""
        return {}

    def state(self, site: Site, weight: Tensor, key: Key) -> State:
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
    """Changes the branch of a residual block before it joins the shortcut; needs a network with shortcuts.

    A kind that mixes several branches is handed as many, of the same shape; a lane without it uses the first alone.
    """

    site = "branch"
    place = "branch"
    branches: ClassVar[int] = 1

    def train(self, branches: tuple[Tensor, ...], key: Key, site: Site) -> Tensor:
        """What joins the shortcut in training."""
        raise NotImplementedError

    def evaluate(self, branches: tuple[Tensor, ...], site: Site) -> Tensor:
        """What joins the shortcut in evaluation."""
        raise NotImplementedError


class Shortcut(Regularizer):
    """Gives a plain network's blocks the shortcuts that residual networks have."""

    site = "shortcut"
    place = "shortcut"
    gives = ("branch",)

    def join(self, shortcut: Tensor, branch: Tensor) -> Tensor:
        """The block's output from its input and what its layers make of that, of the same shape."""
        raise NotImplementedError
