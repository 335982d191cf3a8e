"""Operations that torch's own forms of break or recompile under `vmap`, written once for all."""

from __future__ import annotations

import torch
from torch import Tensor
from torch._C._functorch import is_functorch_wrapped_tensor
from torch.nn import functional


def runs_by_itself(tensor: Tensor) -> bool:
    """Whether operations on the tensor run as they are written: neither mapped over lanes nor traced for a graph.

    Never so on a GPU, where what a plain form gains is less than what it waits for. "meta" stands in for a processor.
    """
    plain = not torch.compiler.is_compiling() and not is_functorch_wrapped_tensor(tensor)
    return plain and tensor.device.type in ("cpu", "meta")


def soft_cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """The losses of the samples `[B]` in nats: −Σ target · log softmax, for soft targets `[B, classes]`.

    Soft targets always: index and soft cross-entropy are not equal to the bit, and mixing needs the soft one.
    """
    return -(targets * _log_softmax(logits)).sum(-1)


def squared_error(outputs: Tensor, targets: Tensor) -> Tensor:
    """The losses of the samples `[B]` of a regression: the squared error, in units of the standardized target."""
    return (outputs - targets).square().mean(-1)


def where_positive(chooser: Tensor, values: Tensor) -> Tensor:
    """The values where the chooser, of the same shape, is above 0, and 0 elsewhere, whatever they are there.

    This is the derivative of relu, which a processor does eight times as fast as `where` or `masked_fill` with a random
    mask; its own derivative is itself.
    """
    chosen: Tensor = torch.ops.aten.threshold_backward(values, chooser, 0.0)
    return chosen


def halve_by_maximum(images: Tensor) -> Tensor:
    """The largest of each 2×2 pixels of images `[B, C, H, W]`: `[B, C, ⌊H/2⌋, ⌊W/2⌋]`; an odd last line is left out.

    A compiled graph compares strided views, which it fuses with what comes before and after; torch's own pooling would
    be half the time of a small network. Only where pixels tie do the two pass gradients on differently.
    """
    if not torch.compiler.is_compiling():
        return functional.max_pool2d(images, 2)
    height, width = (size // 2 * 2 for size in images.shape[-2:])
    rows = torch.maximum(images[..., 0:height:2, :width], images[..., 1:height:2, :width])
    return torch.maximum(rows[..., 0::2], rows[..., 1::2])


def bilinear_sample(images: Tensor, grid: Tensor) -> Tensor:
    """Images `[B, C, H, W]` read at the points `[B, H', W', 2]`, as (x, y) in pixels: `[B, C, H', W']`.

    (0, 0) is the center of the upper left pixel; what lies outside is 0. `torch.nn.functional.grid_sample` with
    `padding_mode="zeros"` and `align_corners=True` is the same on a grid scaled to [−1, 1].
    """
    height, width = images.shape[-2:]
    of_image = torch.arange(len(images), device=images.device)[:, None, None]
    pixels = images.permute(0, 2, 3, 1)
    x, y = grid[..., 0], grid[..., 1]
    left, top = x.floor(), y.floor()
    right_share, bottom_share = x - left, y - top
    sampled = torch.zeros((), dtype=images.dtype, device=images.device)
    for column, column_share in ((left, 1 - right_share), (left + 1, right_share)):
        for row, row_share in ((top, 1 - bottom_share), (top + 1, bottom_share)):
            inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
            read = pixels[of_image, _index(row, height), _index(column, width)]
            share = torch.where(inside, column_share * row_share, 0.0)
            sampled = sampled + read * share[..., None].to(images.dtype)
    return sampled.permute(0, 3, 1, 2)


def resample_about_center(images: Tensor, maps: Tensor) -> Tensor:
    """Images `[B, C, H, W]` whose pixel at c + v is read from c + map · v, c being the center; maps `[B, 2, 2]`.

    v is (x, y) in pixels, x to the right and y down. The identity map gives the images back, to the bit.
    """
    return resample_affinely(images, maps, torch.zeros_like(maps[:, 0]))


def resample_affinely(images: Tensor, maps: Tensor, shifts: Tensor) -> Tensor:
    """Images `[B, C, H, W]` whose pixel at c + v is read from c + map · v + shift.

    Maps `[B, 2, 2]` and shifts `[B, 2]` are of (x, y) in pixels, x to the right and y down.
    """
    height, width = images.shape[-2:]
    x = torch.arange(width, dtype=maps.dtype, device=images.device) - (width - 1) / 2
    y = torch.arange(height, dtype=maps.dtype, device=images.device)[:, None] - (height - 1) / 2
    entry, shift = maps[:, :, :, None, None], shifts[:, :, None, None]
    from_x = entry[:, 0, 0] * x + entry[:, 0, 1] * y + (width - 1) / 2 + shift[:, 0]
    from_y = entry[:, 1, 0] * x + entry[:, 1, 1] * y + (height - 1) / 2 + shift[:, 1]
    return bilinear_sample(images, torch.stack([from_x, from_y], -1))


def shift_pixels(images: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Images `[B, C, H, W]` whose pixel (y, x) is read from (y + rows, x + columns), whole numbers `[B]`; 0 outside."""
    height, width = images.shape[-2:]
    of_image = torch.arange(len(images), device=images.device)[:, None, None]
    row = (torch.arange(height, device=images.device) + rows[:, None])[:, :, None]
    column = (torch.arange(width, device=images.device) + columns[:, None])[:, None, :]
    inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
    read = images.permute(0, 2, 3, 1)[of_image, _index(row, height), _index(column, width)]
    return torch.where(inside[..., None], read, 0.0).permute(0, 3, 1, 2)


def _log_softmax(logits: Tensor) -> Tensor:
    """log softmax over the classes of logits `[B, classes]`.

    A processor goes along the rows, which are many, ten times as fast as along the classes, which are few.
    """
    if torch.compiler.is_compiling() or logits.device.type != "cpu":
        return torch.log_softmax(logits, -1)
    return torch.log_softmax(logits.transpose(-1, -2).contiguous(), -2).transpose(-1, -2)


def _index(place: Tensor, size: int) -> Tensor:
    """Places as legal indices; clamped first, because a place too large for an integer is undefined as one."""
    return place.clamp(0, size - 1).to(torch.int64)
