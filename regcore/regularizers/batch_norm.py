"""Batch normalization: each feature is shifted and scaled to mean 0 and variance 1 over the batch.

In training h ← γ (h − μ) / √(σ² + ε) + β, with the mean μ and the biased variance σ² of the feature over the batch (and
over the pixels of an image); in evaluation with running ones, which follow each batch by
running ← (1 − momentum) · running + momentum · batch, the variance there being the unbiased one. γ and β are learned,
start at 1 and 0, and are not penalized. It stands between a layer and its nonlinearity. One row alone has no
variance: batches have two at least.
Source: Ioffe and Szegedy (2015), arXiv:1502.03167.
Parity: torch.nn.BatchNorm1d and BatchNorm2d, gradients and running statistics included.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from regcore.hyper import real
from regcore.lanes.ops import runs_by_itself
from regcore.sites import Normalization, Parameters, Site, State, by_feature


class BatchNorm(Normalization):
    overlaps = ("ghost_batch_norm", "group_norm", "layer_norm", "rms_norm")
    least_batch = 2

    momentum: Tensor = real(
        1e-3, 1.0, default=0.1, doc="The weight of the newest batch in the running statistics; 1 − momentum in Keras."
    )
    epsilon: Tensor = real(1e-8, 1e-1, default=1e-5, log=True, doc="ε, which keeps the divisor from 0.")

    def parameters(self, site: Site) -> Parameters:
        return {"gain": torch.ones(site.shape[0]), "shift": torch.zeros(site.shape[0])}

    def state(self, site: Site) -> State:
        return {"mean": torch.zeros(site.shape[0]), "variance": torch.ones(site.shape[0])}

    def train(self, activation: Tensor, own: Parameters, state: State) -> tuple[Tensor, State]:
        if runs_by_itself(activation):
            running = {name: value.to(activation.dtype, copy=True) for name, value in state.items()}
            return self._by_torch(activation, own, running, training=True), running
        over = [axis for axis in range(activation.dim()) if axis != 1]
        mean = activation.mean(over)
        variance = (activation - by_feature(mean, activation)).square().mean(over)
        count = activation.numel() // activation.shape[1]
        unbiased = variance * (count / (count - 1) if count > 1 else math.nan)
        return self._normalized(activation, mean, variance, own), {
            "mean": self._followed(state["mean"], mean.detach()),
            "variance": self._followed(state["variance"], unbiased.detach()),
        }

    def evaluate(self, activation: Tensor, own: Parameters, state: State) -> Tensor:
        if runs_by_itself(activation):
            return self._by_torch(activation, own, state, training=False)
        return self._normalized(activation, state["mean"], state["variance"], own)

    def _by_torch(self, activation: Tensor, own: Parameters, running: State, *, training: bool) -> Tensor:
        """torch's own form for one lane: half the passes over the activation. In training it moves `running`."""
        gain, shift, mean, variance = (
            tensor.to(activation.dtype) for tensor in (own["gain"], own["shift"], running["mean"], running["variance"])
        )
        # A rehearsal without numbers takes the same memory whatever they are.
        numbers = (0.0, 1.0) if activation.is_meta else (float(self.momentum), float(self.epsilon))
        return torch.batch_norm(
            activation, gain, shift, mean, variance, training, *numbers, torch.backends.cudnn.enabled
        )

    def _normalized(self, activation: Tensor, mean: Tensor, variance: Tensor, own: Parameters) -> Tensor:
        scale = own["gain"] / (variance + self.epsilon).sqrt()
        centered = activation - by_feature(mean, activation)
        return centered * by_feature(scale, activation) + by_feature(own["shift"], activation)

    def _followed(self, running: Tensor, batch: Tensor) -> Tensor:
        return (1 - self.momentum) * running + self.momentum * batch
