"""Logit normalization: takes the loss of logits of one length, so that training cannot lower it by growing them.

Each row's loss at z / (τ ‖z‖) instead of its logits z, ‖z‖ being their Euclidean length and τ a temperature: the
smaller τ, the surer the network may be. A row of zeros stays as it is. In training only: predictions are the same with
either, but evaluation reads z itself, whose length training leaves free; so the validation loss says less about the fit
than an accuracy does, and a rule that stops by it may stop at the wrong time.
Source: Wei, Xie, Cheng, Feng, An and Li (2022), arXiv:2205.09310.
Parity: torch.nn.functional.cross_entropy of what torch.nn.functional.normalize gives.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.sites import LossRule


class LogitNorm(LossRule):
    tasks = ("classification",)
    order = 1  # around what changes the loss at given logits

    temperature: Tensor = real(
        1e-3, 10.0, default=0.1, log=True, search=(1e-2, 1.0), doc="τ; the normalized logits have the length 1 / τ."
    )

    def losses(self, logits: Tensor, targets: Tensor, inner: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
        squared = logits.square().sum(-1, keepdim=True)
        length = torch.where(squared > 0, squared, 1.0).sqrt()
        return inner(logits / (self.temperature * length), targets)
