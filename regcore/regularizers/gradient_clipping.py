"""Gradient clipping: bounds the gradients before each step, so that no single batch throws a fit off its course.

With c = limit, `norm` scales the gradient of all parameters together, g ← g · min(1, c / (‖g‖₂ + 10⁻⁶)); `value` cuts
every element to [−c, c]. `adaptive` compares with the weights: a unit's gradient, one row of a weight or a whole bias,
is scaled to at most c = ratio times ‖w‖₂ of the same row, or of 10⁻³ where that is larger, the output layer included.
The norms are those of one fit. Evaluation is left as it is.
Source: Pascanu, Mikolov and Bengio (2013), arXiv:1211.5063; Brock, De, Smith and Simonyan (2021), arXiv:2102.06171, for
`adaptive`.
Parity: torch.nn.utils.clip_grad_norm_ and clip_grad_value_; pytorch_optimizer's `agc` for `adaptive`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import choice, real
from regcore.sites import GradientRule, Key, Parameters


class GradientClipping(GradientRule):
    order = 2

    method: Tensor | str = choice(
        "norm", "value", "adaptive", default="norm", doc="What is bounded: the whole, each element, or each unit."
    )
    limit: Tensor = real(
        1e-4,
        1e4,
        default=1.0,
        log=True,
        search=(0.1, 10.0),
        doc="The largest norm, or the largest element with `value`, in units of the gradient.",
    )
    ratio: Tensor = real(
        1e-4,
        10.0,
        default=1e-2,
        log=True,
        doc="With `adaptive`, the largest norm of a unit's gradient as a share of the norm of its weights.",
    )

    def gradients(self, gradients: Parameters, parameters: Parameters, step: Tensor, key: Key) -> Parameters:
        scale = torch.clamp(self.limit / (norm(gradients) + 1e-6), max=1.0)
        return {
            name: self._chosen(
                gradient * scale, self._within_limit(gradient), self._within_ratio(gradient, parameters[name])
            )
            for name, gradient in gradients.items()
        }

    def _chosen(self, by_norm: Tensor, by_value: Tensor, adaptive: Tensor) -> Tensor:
        return torch.where(self._is("norm"), by_norm, torch.where(self._is("value"), by_value, adaptive))

    def _is(self, method: str) -> Tensor:
        """Whether this method is the one; in a lane it is data, and arrives as its place among the choices."""
        if isinstance(self.method, str):
            return torch.tensor(self.method == method)
        return self.method == self.hyperparameters["method"].choices.index(method)

    def _within_limit(self, gradient: Tensor) -> Tensor:
        limit = torch.as_tensor(self.limit, dtype=gradient.dtype)
        return torch.minimum(torch.maximum(gradient, -limit), limit)

    def _within_ratio(self, gradient: Tensor, weight: Tensor) -> Tensor:
        largest = self.ratio * _norms_of_units(weight).clamp(min=1e-3)  # so that a row that is still zero may move
        found = _norms_of_units(gradient)
        return torch.where(found < largest, gradient, gradient * (largest / found.clamp(min=1e-6)))


def norm(gradients: Parameters) -> Tensor:
    """‖g‖₂ of all tensors together, a scalar."""
    return torch.stack([gradient.square().sum() for gradient in gradients.values()]).sum().sqrt()


def _norms_of_units(values: Tensor) -> Tensor:
    """‖·‖₂ over all axes but the first, kept as axes of 1; of a vector that of the whole."""
    over = list(range(1, values.dim())) or [0]
    return values.square().sum(over, keepdim=True).sqrt()
