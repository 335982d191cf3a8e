"""Virtual adversarial training: keeps predictions from changing in the direction in which they change fastest.

strength · KL(p(x) ‖ p(x + r)) is added to the loss as the mean over the batch; p(x) counts as given, and r, of length
`radius` for each row, is where the divergence grows fastest: a random direction turned by `iterations` steps of the
power method, each of which takes the gradient of the divergence a hundredth away from x. Targets play no part in it.
All passes have the noise of the step, and only the first moves running statistics. In a table lengths are in standard
deviations of the columns, and the columns of a category stay as they are; pixels stay between the darkest and the
brightest of the training images. Evaluation is left as it is.
Source: Miyato, Maeda, Koyama and Ishii (2018), arXiv:1704.03976.
Parity: torch.nn.functional.kl_div, at the worst of directions tried all round.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import integer, real
from regcore.lanes.randomness import normal
from regcore.sites import Adversary, Passes


class Vat(Adversary):
    tasks = ("classification",)
    order = 2
    overlaps = ("fgsm", "pgd")

    strength: Tensor = real(
        1e-3, 10.0, default=1.0, log=True, off=0.0, doc="λ, in units of the loss per nat of divergence."
    )
    radius: Tensor = real(
        1e-3, 20.0, default=1.0, log=True, search=(0.1, 10.0), doc="ε, how far a row is moved, as a length."
    )
    iterations: int = integer(1, 5, default=1, per="program", doc="Steps of the power method.")

    def loss(self, passes: Passes) -> Tensor:
        inputs = passes.batch.inputs
        direction = self._units(normal(passes.key, tuple(inputs.shape)))
        for _ in range(self.iterations):
            direction = self._units(self._steepest(passes, direction))
        moved = self.moved(inputs, self.radius * direction)
        return passes.first.loss + self.strength * _divergence(passes, moved)

    def _steepest(self, passes: Passes, direction: Tensor) -> Tensor:
        """The gradient of the divergence by the direction, near no distance at all: the curvature times it."""

        def apart(direction: Tensor) -> Tensor:
            return _divergence(passes, passes.batch.inputs + 1e-2 * direction)

        gradient: Tensor = torch.func.grad(apart)(direction)
        return gradient.detach()

    def _units(self, directions: Tensor) -> Tensor:
        """The directions with length 1 for each row, over what may be moved; of no direction none."""
        free = torch.where(self.known["moves"], directions, 0.0)
        lengths = free.flatten(start_dim=1).square().sum(1).sqrt()
        shaped = lengths.reshape(-1, *[1] * (free.dim() - 1))
        return free / torch.where(shaped > 0, shaped, 1.0)


def _divergence(passes: Passes, inputs: Tensor) -> Tensor:
    """KL(p(x) ‖ p(inputs)), the mean over the batch in nats."""
    given = passes.first.logits.detach().log_softmax(-1)
    found = passes.again(inputs, 0).logits.log_softmax(-1)
    return (given.exp() * (given - found)).sum(-1).mean()
