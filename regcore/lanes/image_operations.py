"""The operations of automatic augmentation: for each image one of them, with a strength of its own.

Strengths lie in [−1, 1], of which 1 is the farthest that RandAugment goes (Cubuk, Zoph, Shlens and Le, 2020,
arXiv:1909.13719). Pixels are taken to lie between 0 and 1. An image whose operation is the identity is given back to
the bit. Of the operations in the source equalization is missing: it sorts all pixels of all images for the few that
draw it.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from regcore.lanes.ops import resample_affinely
from regcore.lanes.photometry import blended, gray, is_colored

IDENTITY = 0
_GEOMETRIC = ("rotation", "horizontal shear", "vertical shear", "horizontal translation", "vertical translation")
_BLENDING = ("brightness", "contrast", "sharpness", "saturation")
OPERATIONS = ("identity", *_GEOMETRIC, "autocontrast", "solarize", "posterize", *_BLENDING)
"""Their places are how images draw them. Saturation, the last, is for images with three channels."""


def number_of_operations(images: Tensor) -> int:
    """How many of the operations mean something for these images: the first so many."""
    return len(OPERATIONS) if is_colored(images) else len(OPERATIONS) - 1


def operated(images: Tensor, drawn: Tensor, strength: Tensor) -> Tensor:
    """Images `[B, C, H, W]` after the operations drawn, places among all `[B]`, with strengths `[B]`."""
    images = _moved(images, drawn, strength)
    images = _chosen(drawn, "autocontrast", stretched(images), images)
    images = _chosen(drawn, "solarize", solarized(images, 1 - strength.abs()), images)
    images = _chosen(drawn, "posterize", posterized(images, 8 - torch.round(4 * strength.abs())), images)
    return _blended(images, drawn, 1 + 0.9 * strength)


def stretched(images: Tensor) -> Tensor:
    """Images of whose channels the darkest pixel is 0 and the brightest 1; channels of one brightness stay."""
    darkest, brightest = images.amin((-2, -1), keepdim=True), images.amax((-2, -1), keepdim=True)
    varies = brightest > darkest
    return torch.where(varies, (images - darkest) / torch.where(varies, brightest - darkest, 1.0), images)


def solarized(images: Tensor, thresholds: Tensor) -> Tensor:
    """Images whose pixels above the thresholds `[B]` are inverted."""
    return torch.where(images > thresholds[:, None, None, None], 1 - images, images)


def posterized(images: Tensor, bits: Tensor) -> Tensor:
    """Images of whose 8 bits a pixel only the first so many are left, whole numbers `[B]` from 1 to 8."""
    step = torch.exp2(8 - bits)[:, None, None, None]
    return torch.floor(torch.round(255 * images) / step) * step / 255


def smoothed(images: Tensor) -> Tensor:
    """Images of means over 3×3 pixels in which the middle counts five times; the outermost pixels stay."""
    if min(images.shape[-2:]) < 3:
        return images
    rows = images[..., :-2, :] + images[..., 1:-1, :] + images[..., 2:, :]
    inner = images[..., 1:-1, 1:-1]
    mean = (rows[..., :-2] + rows[..., 1:-1] + rows[..., 2:] + 4 * inner) / 13
    return images + functional.pad(mean - inner, (1, 1, 1, 1))


def _moved(images: Tensor, drawn: Tensor, strength: Tensor) -> Tensor:
    """All operations of geometry at once, of which an image has one: how its pixels are read, once for all."""

    def of(operation: str, farthest: float) -> Tensor:
        return torch.where(drawn == OPERATIONS.index(operation), farthest * strength, 0.0)

    height, width = images.shape[-2:]
    angle = torch.deg2rad(of("rotation", 30.0))
    cosine, sine = torch.cos(angle), torch.sin(angle)
    across = torch.stack([cosine, -sine - of("horizontal shear", 0.3)], -1)
    down = torch.stack([sine - of("vertical shear", 0.3), cosine], -1)
    shift = torch.stack([of("horizontal translation", 0.3) * width, of("vertical translation", 0.3) * height], -1)
    return resample_affinely(images, torch.stack([across, down], -2), -shift)


def _blended(images: Tensor, drawn: Tensor, factor: Tensor) -> Tensor:
    """The operations that lead towards another image or away from it, within 0 and 1."""
    brightness = gray(images)
    other = _chosen(drawn, "contrast", brightness.mean((-2, -1), keepdim=True), torch.zeros_like(images))
    other = _chosen(drawn, "sharpness", smoothed(images), other)
    other = _chosen(drawn, "saturation", brightness, other)
    blends = drawn >= OPERATIONS.index(_BLENDING[0])
    result = blended(images, other, torch.where(blends, factor, 1.0))
    return torch.where(blends[:, None, None, None], result.clamp(0.0, 1.0), result)


def _chosen(drawn: Tensor, operation: str, result: Tensor, images: Tensor) -> Tensor:
    return torch.where((drawn == OPERATIONS.index(operation))[:, None, None, None], result, images)
