"""Label smoothing: gives a little of each target to all classes alike, so that logits need not grow for ever.

t ← (1 − ε) t + ε / K for K classes: with ε = 0.1 and 10 classes the target of the right class is 0.91 and that of each
other 0.01. Soft targets, such as mixed ones, are smoothed likewise. In training only: the validation loss is measured
against the targets as they are.
Source: Szegedy, Vanhoucke, Ioffe, Shlens and Wojna (2016), arXiv:1512.00567, section 7.
Parity: torch.nn.functional.cross_entropy with `label_smoothing`, with its gradient.
"""

from __future__ import annotations

from torch import Tensor

from regcore.hyper import real
from regcore.sites import Key, TargetRule


class LabelSmoothing(TargetRule):
    tasks = ("classification",)
    overlaps = ("confidence_penalty",)

    amount: Tensor = real(
        0.0, 0.9, default=0.1, off=0.0, search=(0.0, 0.3), doc="ε, the share of a target that all classes are given."
    )

    def targets(self, targets: Tensor, key: Key) -> Tensor:
        evenly = targets.mean(-1, keepdim=True)  # 1 / K, as targets sum to 1
        return (1 - self.amount) * targets + self.amount * evenly
