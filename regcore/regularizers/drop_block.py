"""DropBlock: silences square patches of hidden images at random in training, so that no region is relied upon alone.

Every pixel around which a whole block fits becomes the middle of a dropped block with probability
γ = rate / size² · HW / ((H − size + 1)(W − size + 1)), drawn anew for every row and step and the same for all channels;
what stays is multiplied by (pixels) / (pixels that stay), counted over the batch. Blocks may overlap, so that somewhat
less than `rate` is dropped. A block is never larger than the image. Hidden activations that are no images, and
evaluation, are left as they are. Source: Ghiasi, Lin and Le (2018), arXiv:1810.12890, section 3.
Parity: none; the tests grow blocks by torch.nn.functional.max_pool2d and measure rates.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from regcore.hyper import integer, real
from regcore.lanes.randomness import uniform
from regcore.sites import ActivationNoise, Key, Site


class DropBlock(ActivationNoise):
    inputs = ("image",)
    place = "channels"

    rate: Tensor = real(
        0.0, 0.5, default=0.1, off=0.0, search=(0.0, 0.3), doc="About the share of pixels that is dropped."
    )
    size: int = integer(1, 15, default=3, per="program", doc="The side of a block, in pixels of the hidden image.")

    def apply(self, activation: Tensor, key: Key, site: Site) -> Tensor:
        if activation.dim() != 4:
            return activation
        rows, _, height, width = activation.shape
        block = min(self.size, height), min(self.size, width)
        fitting = height - block[0] + 1, width - block[1] + 1
        share = torch.full((), height * width, device=activation.device) / (
            block[0] * block[1] * fitting[0] * fitting[1]
        )
        seeds = uniform(key, (rows, *fitting)) < self.rate * share
        dropped = grown(seeds, block)
        # Where nothing stays any divisor will do; else more than a millionth of a batch does.
        staying = (~dropped).to(activation.dtype).mean().clamp(min=1e-6)
        return (activation / staying).masked_fill(dropped[:, None], 0.0)


def grown(corners: Tensor, block: tuple[int, int]) -> Tensor:
    """Masks of bool `[B, H, W]`: true within the blocks whose upper left corners are true in `[B, H − h + 1, …]`."""
    height, width = block
    padded = functional.pad(corners, (width - 1, width - 1, height - 1, height - 1))
    rows = padded[:, : padded.shape[1] - height + 1]
    for offset in range(1, height):
        rows = rows | padded[:, offset : padded.shape[1] - height + 1 + offset]
    masks = rows[:, :, : rows.shape[2] - width + 1]
    for offset in range(1, width):
        masks = masks | rows[:, :, offset : rows.shape[2] - width + 1 + offset]
    return masks
