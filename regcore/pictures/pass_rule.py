"""Pass rules: the step that they take on a problem of two weights, beside the plain one."""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.drawing import Box, Drawing, Plot
from regcore.drawing.contours import contours
from regcore.lanes.ops import soft_cross_entropy
from regcore.pictures.examples import key, normals, uniforms
from regcore.sites import Batch, Parameters, Pass, Passes, PassRule, TrainingRows

PLAIN = "a plain step"
_RANGE = (-2.0, 5.5)
_HEIGHTS = (-1.6, 0.973)  # so that a unit is as long up as across
_AT = (0.4, -1.1)
_LEVELS = (0.25, 0.35, 0.5, 0.7, 0.95, 1.3, 1.8)
_LENGTH = 1.8
"""How long the longer of the two steps is drawn, in units of the weights."""


def draw(drawing: Drawing, rule: PassRule) -> str:
    """Contours of the loss, and the two steps from one point."""
    problem = _Problem(rule)
    plot = Plot(drawing, Box(36, 34, 408, 140), _RANGE, _HEIGHTS)
    pieces = contours(problem.plain, _RANGE, _HEIGHTS, _LEVELS)
    drawing.lines(((plot.place(*start), plot.place(*end)) for start, end in pieces), "faint")
    weights = torch.tensor(_AT, dtype=torch.float64)
    plain, kind = torch.func.grad(problem.plain)(weights), problem.gradient(weights)
    scale = _LENGTH / float(torch.stack([plain, kind]).norm(dim=1).max())
    ends = [plot.place(*(weights - scale * gradient).tolist()) for gradient in (plain, kind)]
    drawing.arrow(plot.place(*_AT), ends[0], "plain")
    drawing.arrow(plot.place(*_AT), ends[1], "kind")
    drawing.moved = max(abs(one - other) for one, other in zip(*ends, strict=True))
    return (
        "Lines of equal loss over the two weights of a logistic regression with noise on its inputs, and the steps "
        "down from one point: against the plain gradient, and against the one that the kind uses, drawn to one scale."
    )


class _Problem:
    """A logistic regression of twelve rows with two inputs, which are dropped at random."""

    def __init__(self, rule: PassRule) -> None:
        self._rule = rule
        inputs = normals("inputs of passes", 12, 2).double() * torch.tensor([0.4, 1.2])
        right = (inputs[:, 0] + 0.2 * inputs[:, 1] + 0.2 * normals("labels", 12) > 0).double()
        self._batch = Batch(inputs, torch.stack([right, 1 - right], 1))
        rule.known = rule.prepare(TrainingRows(*self._batch))

    def plain(self, weights: Tensor) -> Tensor:
        """The loss of one pass."""
        return self._pass(weights, self._batch.inputs, 0).loss

    def gradient(self, weights: Tensor) -> Tensor:
        """The gradient that the rule uses."""

        def at(parameters: Parameters) -> Parameters:
            return {"weights": torch.func.grad(self._with_rule)(parameters["weights"])}

        parameters = {"weights": weights}
        return self._rule.gradients(parameters, at(parameters), at)["weights"].detach()

    def _with_rule(self, weights: Tensor) -> Tensor:
        def again(inputs: Tensor, number: int) -> Pass:
            return self._pass(weights, inputs, number)

        return self._rule.loss(Passes(self._batch, again(self._batch.inputs, 0), again, key("passes")))

    def _pass(self, weights: Tensor, inputs: Tensor, number: int) -> Pass:
        kept = uniforms(f"dropped in pass {number}", *inputs.shape) > 0.2
        logit = (inputs * kept / 0.8) @ weights
        logits = torch.stack([logit, torch.zeros_like(logit)], 1)
        return Pass(soft_cross_entropy(logits, self._batch.targets).mean(), logits)
