"""Gaussian noise: adds random numbers to the inputs or to hidden activations in training, so that near rows are alike.

x ← x + σε with ε standard normal, drawn anew for every unit, row and step, at the inputs, at every hidden activation
(after its nonlinearity), or at both, as `layers` says. On the inputs, small noise acts like a penalty on the slope of
the network's output. In evaluation nothing is added. σ is in units of what it is added to: a table's numbers have
standard deviation 1, pixels lie between 0 and 1, hidden activations have no fixed unit.
Source: Bishop (1995), doi:10.1162/neco.1995.7.1.108.
Parity: none; the tests measure mean, deviation and tails of the noise.
"""

from __future__ import annotations

import torch
from torch import Tensor

from regcore.hyper import choice, real
from regcore.lanes.randomness import normal
from regcore.sites import ActivationNoise, Key, Site

_LAYERS = ("inputs", "hidden", "everywhere")


class GaussianNoise(ActivationNoise):
    where = "everywhere"

    deviation: Tensor = real(
        1e-3, 2.0, default=0.1, log=True, off=0.0, search=(1e-2, 0.5), doc="σ, the noise's standard deviation."
    )
    layers: Tensor | str = choice(
        *_LAYERS, default="inputs", doc="Where it is added: at the inputs, after them, or at both."
    )

    def apply(self, activation: Tensor, key: Key, site: Site) -> Tensor:
        deviation = torch.as_tensor(self.deviation)
        deviation = torch.where(self._reaches(site), deviation, torch.zeros_like(deviation))
        return activation + deviation * normal(key, tuple(activation.shape))

    def _reaches(self, site: Site) -> Tensor:
        """Whether noise is added at the site; in a lane the layers are data, and arrive as their place in the list."""
        layers = _LAYERS.index(self.layers) if isinstance(self.layers, str) else self.layers
        others = "hidden" if site.path == "inputs" else "inputs"
        return torch.as_tensor(layers != _LAYERS.index(others))
