"""DeCov: pulls the covariances between hidden units towards zero, so that units do not repeat each other.

λ/2 (‖C‖² − ‖diag C‖²), the squares of all entries of C but those of its diagonal, where C is the covariance of the
units of a hidden layer over the batch (of the channels over the batch and the pixels of an image), divided by the
number of rows; summed over the hidden layers and added to the mean data loss. The units' variances are left alone. It
sees what the nonlinearity gives, before any noise. One row alone has no covariance: batches have two at least.
Evaluation is left alone.
Source: Cogswell, Ahmed, Girshick, Zitnick and Batra (2016), arXiv:1511.06068.
Parity: none; the tests put the source's formula together from torch.cov.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.sites import ActivationTerm


class Decov(ActivationTerm):
    least_batch = 2

    strength: Tensor = real(
        1e-8,
        10.0,
        default=1e-3,
        log=True,
        off=0.0,
        search=(1e-4, 1e-1),
        doc="λ, in units of the loss per squared unit of covariance.",
    )

    def penalty(self, activation: Tensor) -> Tensor:
        rows = (
            activation.flatten(start_dim=2).transpose(1, 2).flatten(end_dim=1) if activation.dim() > 2 else activation
        )
        centered = rows - rows.mean(0)
        covariances = centered.T @ centered / len(rows)
        between = covariances * (1 - torch.eye(len(covariances), dtype=rows.dtype, device=rows.device))
        return 0.5 * self.strength * between.square().sum()
