"""Sites of the update: gradients before the optimizer, weights after it, and averages of them."""

from __future__ import annotations

from typing import ClassVar, Literal, NamedTuple

from torch import Tensor

from regcore.sites.words import Key, Parameters, Regularizer, State


class GradientRule(Regularizer):
    """Changes the gradients of all parameters before the optimizer sees them.

    In rising `order`: noise 0, centering 1, clipping 2.
    """

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
    """Changes the weights after the optimizer's step.

    In rising `order`: decay 0, proximal operators 1, norm projections 2, Lookahead 3.
    """

    site = "weight_rule"
    scope: ClassVar[Literal["weights", "all"]] = "weights"

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
    """Keeps an average of the parameters, which evaluation uses instead of them.

    `parameters` holds besides them what normalizations remember, which belongs to them: running statistics are
    averaged likewise. Of a lane that uses several averages, evaluation averages the predictions.
    """

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
