"""Brightness and color of images `[B, C, H, W]`, by factors `[B]` of which 1 gives the images back to the bit.

All are linear in the pixels and cut nothing off at 0 or 1, so that images of another scale can bear them too.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

_COLORS = 3
_LUMA = (0.299, 0.587, 0.114)
"""How much red, green and blue add to brightness (ITU-R BT.601)."""


def is_colored(images: Tensor) -> bool:
    """Whether the images have the three channels that color takes."""
    return images.shape[1] == _COLORS


def brightened(images: Tensor, factors: Tensor) -> Tensor:
    """Images times their factors."""
    return images * factors[:, None, None, None]


def contrasted(images: Tensor, factors: Tensor) -> Tensor:
    """Images whose pixels lie by their factors farther from the image's mean brightness."""
    return blended(images, gray(images).mean((-2, -1), keepdim=True), factors)


def saturated(images: Tensor, factors: Tensor) -> Tensor:
    """Colored images whose pixels lie by their factors farther from the gray of the same brightness."""
    return blended(images, gray(images), factors)


def hue_turned(images: Tensor, turns: Tensor) -> Tensor:
    """Colored images whose colors are turned about the axis of grays by turns `[B]`; a third makes red green."""
    angle = 2 * math.pi * turns[:, None, None]
    cosine, sine = torch.cos(angle), torch.sin(angle) / math.sqrt(3)
    same, next_one = (1 + 2 * cosine) / 3, (1 - cosine) / 3
    red, green, blue = images.unbind(1)
    colors = ((red, green, blue), (green, blue, red), (blue, red, green))
    return torch.stack(
        [own * same + after * (next_one - sine) + before * (next_one + sine) for own, after, before in colors], 1
    )


def blended(images: Tensor, others: Tensor, factors: Tensor) -> Tensor:
    """factor · image + (1 − factor) · other; factors above 1 lead away from the other."""
    factor = factors[:, None, None, None]
    return images * factor + others * (1 - factor)


def gray(images: Tensor) -> Tensor:
    """The brightness of each pixel, `[B, 1, H, W]`; without three channels their mean."""
    if not is_colored(images):
        return images.mean(1, keepdim=True)
    red, green, blue = images.unbind(1)
    return (red * _LUMA[0] + green * _LUMA[1] + blue * _LUMA[2])[:, None]
