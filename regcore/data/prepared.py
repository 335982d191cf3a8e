"""The split that lanes train on: training and validation rows as tensors. Test rows have no place in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from regcore.data.preprocessing import fit_columns, inputs_of, origins
from regcore.data.rows import Images, Rows
from regcore.data.splits import Indices

_BRIGHTEST = 255


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Prepared rows, float32.

    Inputs are `[n, F]` of a table, `[n, C, H, W]` of images. Targets are one-hot `[n, classes]`, or `[n, 1]` of a
    regression in units of `target_scale` around `target_mean`, the training rows' standard deviation and mean: a
    prediction times scale plus mean is in the target's own units. Both are 1 and 0 where `classes` is not None.
    `columns` numbers the column that each feature of a table came from, int64 `[F]`, and `categorical` says whether
    that held categories, bool `[F]`: None of images. They stay on the CPU.
    """

    inputs_train: Tensor
    targets_train: Tensor
    inputs_validation: Tensor
    targets_validation: Tensor
    target_mean: float = 0.0
    target_scale: float = 1.0
    classes: tuple[str, ...] | None = None
    columns: Tensor | None = None
    categorical: Tensor | None = None


def prepare(rows: Rows, indices: Indices, device: str = "cpu") -> Split:
    """The split of rows on a device ("cpu", "cuda", "cuda:N"); all preprocessing is fitted on the training rows.

    Raises:
        CannotPrepare: no column varies over the training rows.
    """
    prepared = _inputs(rows, indices)
    targets_train, targets_validation = rows.targets[indices.train], rows.targets[indices.validation]
    mean, scale = (0.0, 1.0) if rows.classes is not None else _mean_and_scale(targets_train)
    return Split(
        inputs_train=_tensor(prepared.train, device),
        targets_train=_tensor(_targets(rows, targets_train, mean, scale), device),
        inputs_validation=_tensor(prepared.validation, device),
        targets_validation=_tensor(_targets(rows, targets_validation, mean, scale), device),
        target_mean=mean,
        target_scale=scale,
        classes=rows.classes,
        columns=prepared.columns,
        categorical=prepared.categorical,
    )


class _Inputs(NamedTuple):
    train: NDArray[np.float32]
    validation: NDArray[np.float32]
    columns: Tensor | None = None
    categorical: Tensor | None = None


def _tensor(values: NDArray[np.float32], device: str) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values)).to(device)


def _inputs(rows: Rows, indices: Indices) -> _Inputs:
    if isinstance(rows.inputs, Images):
        pixels = rows.inputs.pixels
        return _Inputs(_scaled(pixels[indices.train]), _scaled(pixels[indices.validation]))
    training, validation = rows.inputs.values[indices.train], rows.inputs.values[indices.validation]
    transformer = fit_columns(training, rows.inputs.columns)
    columns = origins(transformer)
    categorical = [rows.inputs.columns[column].categories is not None for column in columns]
    return _Inputs(
        inputs_of(transformer, training),
        inputs_of(transformer, validation),
        torch.tensor(columns),
        torch.tensor(categorical),
    )


def _scaled(pixels: NDArray[Any]) -> NDArray[np.float32]:
    scale = np.float32(_BRIGHTEST if pixels.dtype == np.uint8 else 1)
    return pixels.astype(np.float32) / scale


def _targets(rows: Rows, targets: NDArray[Any], mean: float, scale: float) -> NDArray[np.float32]:
    if rows.classes is None:
        standardized: NDArray[np.float64] = (targets - mean) / scale
        return standardized.astype(np.float32)[:, None]
    one_hot: NDArray[np.bool_] = targets[:, None] == np.arange(len(rows.classes))
    return one_hot.astype(np.float32)


def _mean_and_scale(targets: NDArray[Any]) -> tuple[float, float]:
    deviation = float(targets.std())
    # Equal targets have nothing to scale by; one is as good as any number.
    return float(targets.mean()), deviation if deviation > 0 else 1.0
