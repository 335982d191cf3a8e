"""Images: pixels and target checked, digested and written as NPZ."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from polars import Series

from service.datasets.digests import digest_of
from service.datasets.errors import FILE, refused
from service.datasets.imported import ImportedDataset
from service.datasets.limits import Limits
from service.datasets.meta import DatasetMeta
from service.datasets.profile import pixel_profile, target_profile
from service.datasets.targets import Target, read_target
from service.datasets.written import file_facts

_LARGEST_UNSCALED = 16.0
_FLOAT32_MAXIMUM = float(np.finfo(np.float32).max)

Array = NDArray[Any]


def import_images(
    parts: Sequence[Array], targets: Series, test: Series | None, meta: DatasetMeta, limits: Limits, destination: Path
) -> ImportedDataset:
    """Imports images `[N, C, H, W]`: one part, or two of which the second are test rows, which `test` flags.

    Raises:
        InvalidDataset: a pixel or a target is not finite, or there is nothing to tell apart.
    """
    target = read_target(targets, meta.task, limits, test)
    pixels = [_checked(part, name) for part, name in zip(parts, ("X", "X_test"), strict=False)]
    if len({part.dtype for part in pixels}) > 1:
        types = " and ".join(f"{part.dtype}" for part in parts)
        raise refused(
            FILE,
            "wrong_type",
            f"X and X_test are {types}: uint8 is scaled to 0–1 and others are not; give both one type",
        )
    stored = _stored(pixels, target)
    with destination.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **stored)
    return ImportedDataset(
        digest=digest_of({"kind": "image", "task": target.task, "classes": target.classes}, _digested(pixels, target)),
        kind="image",
        task=target.task,
        shape=tuple(pixels[0].shape[1:]),
        rows=len(pixels[0]),
        classes=target.classes,
        class_counts=target.class_counts,
        columns=(),
        target=targets.name,
        own_test=test is not None,
        profile={
            "columns": [],
            "pixels": pixel_profile(pixels[0]),
            "target": target_profile(targets.name, target),
            "warnings": _warnings(pixels[0]),
            "file": file_facts(destination),
        },
    )


def _checked(pixels: Array, name: str) -> Array:
    """Pixels as they are stored: uint8, or float32."""
    if pixels.dtype == np.uint8:
        return pixels
    far = ~(np.abs(pixels.astype(np.float64)) <= _FLOAT32_MAXIMUM)
    if far.any():
        place = [int(index) for index in np.argwhere(far)[0]]
        raise refused(FILE, "not_finite", f"{name}{place} is {pixels[tuple(place)]}, not a finite number")
    return pixels.astype(np.float32)


def _stored(pixels: Sequence[Array], target: Target) -> dict[str, Array]:
    targets = target.cells.to_numpy() if target.classes is None else np.array(target.cells.to_list(), dtype=np.str_)
    stored = {"X": pixels[0], "y": targets[: len(pixels[0])]}
    if len(pixels) > 1:
        stored |= {"X_test": pixels[1], "y_test": targets[len(pixels[0]) :]}
    return stored


def _digested(pixels: Sequence[Array], target: Target) -> list[Array | Series]:
    shapes = [np.array(part.shape, dtype=np.int64) for part in pixels]
    return [*shapes, *pixels, target.cells]


def _warnings(pixels: Array) -> list[str]:
    largest = float(np.abs(pixels).max())
    if pixels.dtype != np.uint8 and largest > _LARGEST_UNSCALED:
        return [f"pixels go up to {largest:g} and are used as they are; as uint8 they would be scaled to 0–1"]
    return []
