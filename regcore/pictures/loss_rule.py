"""Loss rules: the loss of a row against the logit of its class."""

from __future__ import annotations

import torch

from regcore.drawing import Box, Drawing, Plot
from regcore.lanes.ops import soft_cross_entropy
from regcore.sites import LossRule, TrainingRows

PLAIN = "cross-entropy"
_OTHERS = (1.0, 0.0)
_FREQUENCY = 3


def draw(drawing: Drawing, rule: LossRule) -> str:
    """The losses of a rare and of a frequent class in a batch that holds them as the training rows do."""
    margins = torch.linspace(-3, 6, 73)
    rare, frequent, _ = torch.eye(3)
    rule.known = rule.prepare(
        TrainingRows(torch.zeros(1 + _FREQUENCY, 1), torch.stack([rare, *[frequent] * _FREQUENCY]))
    )
    logits = torch.stack([margins, *(torch.full_like(margins, other) for other in _OTHERS)], 1)
    of_frequent = logits[:, [1, 0, 2]]
    batch = torch.cat([logits, *[of_frequent] * _FREQUENCY])
    targets = torch.cat([rare.expand(len(margins), 3), frequent.expand(_FREQUENCY * len(margins), 3)])
    losses = rule.losses(batch, targets, soft_cross_entropy)
    means = torch.stack([rule.mean(loss) for loss in losses])
    plain = soft_cross_entropy(logits, targets[: len(margins)]).tolist()
    plot = Plot(drawing, Box(60, 40, 360, 120), (-3, 6), (min(-0.2, float(means.min())), float(means.max())))
    plot.axes("logit of the row's class; the others' are 1 and 0", "loss")
    for number, dashed in ((0, False), (1, True)):
        of_class = means[number * len(margins) : (number + 1) * len(margins)].tolist()
        plot.curves(margins.tolist(), plain, of_class, dashed)
    return (
        "The loss of a row against the logit of its class. Dashed: a class that is three times as frequent, where it "
        "differs."
    )
