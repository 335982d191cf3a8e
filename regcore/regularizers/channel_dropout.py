"""Channel dropout: silences whole channels of hidden images at random in training, also called spatial dropout.

h ← h · m / (1 − rate) with m = 0 with probability `rate` and 1 otherwise, drawn anew for every channel, row and step,
and the same for all pixels of the channel: neighbouring pixels say much the same, so that dropping them one by one, as
`dropout` does, hides little. Hidden activations that are no images, and evaluation, are left as they are.
Source: Tompson, Goroshin, Jain, LeCun and Bregler (2015), arXiv:1411.4280, section 3.2.
Parity: torch.nn.functional.dropout2d, in what becomes of kept and of dropped channels.
"""

from __future__ import annotations

from torch import Tensor

from regcore.hyper import real
from regcore.lanes.randomness import uniform
from regcore.sites import ActivationNoise, Key, Site


class ChannelDropout(ActivationNoise):
    inputs = ("image",)
    place = "channels"

    rate: Tensor = real(
        0.0, 0.95, default=0.1, off=0.0, search=(0.0, 0.5), doc="The probability that a channel is dropped."
    )

    def apply(self, activation: Tensor, key: Key, site: Site) -> Tensor:
        if activation.dim() != 4:
            return activation
        keep = 1 - self.rate
        silenced = uniform(key, tuple(activation.shape[:2])) >= keep
        return (activation / keep).masked_fill(silenced[:, :, None, None], 0.0)
