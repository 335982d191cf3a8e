"""What every regularizer is written in: the tensors of one fit, its places, and the class that all inherit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from regcore.hyper import Declared, Per

Parameters = dict[str, Tensor]
"""Tensors of one fit by name: weights, a kind's own parameters, gradients."""

Weights = Mapping[str, Tensor]
"""What is penalized: the weights of two or more dimensions `[out, in, …]`; never biases, gains or shifts."""

State = dict[str, Tensor]
"""What a kind remembers of one fit between steps and does not learn by gradient."""

Key = Tensor
"""A tensor of no dimension (int32) from which `regcore.lanes.randomness` draws; its own for every site and step."""


class Batch(NamedTuple):
    """A batch of one fit: inputs `[B, F]` or `[B, C, H, W]`, soft targets `[B, classes]` or `[B, 1]`."""

    inputs: Tensor
    targets: Tensor


class TrainingRows(NamedTuple):
    """What a kind may learn of the training rows before any training.

    Inputs `[N, …]` and targets `[N, classes]` or `[N, 1]`; of a table also, for each of its features `[F]`, the number
    of the column that it came from (int64; the features of one column lie side by side) and whether that column held
    categories (bool). Both are None of images.
    """

    inputs: Tensor
    targets: Tensor
    columns: Tensor | None = None
    categorical: Tensor | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """A place in a network: its path, the shape it has without the batch axis, and how deep it lies.

    `index` counts the places of that sort from the input, from 0; `count` is how many there are, and `hidden` how many
    hidden activations the network has, or 0 where it is still being built and nobody knows yet.
    """

    path: str
    shape: tuple[int, ...]
    index: int = 0
    count: int = 0
    hidden: int = 0

    @property
    def share_of_depth(self) -> float:
        """How far down it lies among the places of its sort, in (0, 1]: 1 is the last."""
        return (self.index + 1) / max(self.count, self.index + 1)


class Regularizer(Declared):
    """One method of regularization: the class of a file under `regcore/regularizers/`, whose name is its kind."""

    site: ClassVar[str] = ""
    meaning: ClassVar[int] = 1
    """Grows when the same setting begins to compute something else."""

    order: ClassVar[int] = 0
    """Of the rules of one site the lower act first; equal ones by name, whatever order a study names them in."""

    gate_per: ClassVar[Per] = "lane"
    """"program" where using it changes shapes, parameters or the number of passes: lanes without it train apart."""

    place: ClassVar[str] = ""
    """The place that a network must have for it, among an architecture's `sites`; empty where any network will do."""

    gives: ClassVar[tuple[str, ...]] = ()
    """Places that a network has where this kind is used."""

    tasks: ClassVar[tuple[str, ...]] = ("classification", "regression")
    inputs: ClassVar[tuple[str, ...]] = ("table", "image")
    least_batch: ClassVar[int] = 1
    """The fewest rows in a batch that it can work on."""

    conflicts: ClassVar[tuple[str, ...]] = ()
    overlaps: ClassVar[tuple[str, ...]] = ()

    known: Mapping[str, Tensor] = {}
    """What `prepare` found, the same for all lanes."""

    @classmethod
    def prepare(cls, rows: TrainingRows) -> dict[str, Tensor]:
        """What it must know of the training rows, found once; `known` holds it in training."""
        return {}

    @classmethod
    def kind(cls) -> str:
        """The name by which studies call it: that of its file."""
        return cls.__module__.rpartition(".")[2]

    def chose(self, name: str, choice: str) -> Tensor:
        """Whether a hyperparameter is this choice; in a lane it is data, and arrives as its place among the choices."""
        value = getattr(self, name)
        if isinstance(value, str):
            return torch.tensor(value == choice)
        chosen: Tensor = value == self.hyperparameters[name].choices.index(choice)
        return chosen
