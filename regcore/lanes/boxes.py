"""Boxes in images: rectangles of whole pixels, as masks. Corners, sides and centers are `[2, N]`, (down, across)."""

from __future__ import annotations

import torch
from torch import Tensor


def in_pixels(shares: Tensor, images: Tensor) -> Tensor:
    """Lengths `[2, N]` in pixels of images `[B, C, H, W]`, from shares of their height and width."""
    height, width = images.shape[-2:]
    return torch.stack([shares[0] * height, shares[1] * width])


def boxes(images: Tensor, corners: Tensor, sides: Tensor) -> Tensor:
    """Masks of bool `[N, 1, H, W]` of images `[B, C, H, W]`: true within the boxes, which the image's edges cut off.

    `corners` are the upper left pixels of the boxes and `sides` their lengths, whole numbers.
    """
    height, width = images.shape[-2:]
    down, across = _between(corners[0], sides[0], height), _between(corners[1], sides[1], width)
    return (down[:, :, None] & across[:, None, :])[:, None]


def corners_around(centers: Tensor, sides: Tensor) -> Tensor:
    """The upper left pixels of boxes around these; of an even side one pixel more lies above or left than below."""
    return centers - torch.floor(sides / 2)


def _between(corner: Tensor, side: Tensor, size: int) -> Tensor:
    """Which of `size` places lie within the side from the corner on, bool `[N, size]`."""
    place = torch.arange(size, device=corner.device)
    return (place >= corner[:, None]) & (place < (corner + side)[:, None])
