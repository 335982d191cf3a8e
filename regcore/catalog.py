"""The catalogue: what regcore offers, as data that can be read without torch.

`python -m regcore.publish` writes it from the classes to `regcore/catalog.json`; `load` reads it back.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Protocol, TypeVar

from regcore.hyper import Hyperparameter, Per

VERSION = 1
"""Grows when the shape of the document changes."""

PATH = Path(__file__).with_name("catalog.json")


@dataclass(frozen=True, slots=True)
class Kind:
    """One regularizer: where it acts, what it means, and its hyperparameters.

    `parity` says with what public implementation its tests compare it, or how they do without. `meaning` grows when
    the same setting begins to compute something else. `inputs` and `tasks` name the sorts of data
    and of targets that it can be used on, `least_batch` the fewest rows in a batch, `place` what a network must have
    for it ("" where any will do), `gives` the places that a network has where it is used. `gate_per` is "program" where
    trials with and without it cannot train as lanes of one program. `conflicts` names kinds that no setting may hold
    beside it, `overlaps` those that do the same thing.
    """

    kind: str
    site: str
    doc: str
    source: str
    parity: str
    meaning: int
    inputs: tuple[str, ...]
    tasks: tuple[str, ...]
    place: str
    gives: tuple[str, ...]
    gate_per: Per
    least_batch: int
    hyperparameters: tuple[Hyperparameter, ...]
    conflicts: tuple[str, ...]
    overlaps: tuple[str, ...]

    def conflicts_with(self, other: Kind) -> bool:
        """Whether no setting may hold both, whichever of them says so."""
        return other.kind in self.conflicts or self.kind in other.conflicts


@dataclass(frozen=True, slots=True)
class Declared:
    """One architecture, optimizer or schedule; `sites` are those that depend on the network and that it has."""

    kind: str
    doc: str
    source: str
    inputs: tuple[str, ...]
    hyperparameters: tuple[Hyperparameter, ...]
    sites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BundledDataset:
    """A data set that needs no upload; `shape` is that of one row, class fields are None in a regression."""

    name: str
    task: Literal["classification", "regression"]
    kind: Literal["table", "image"]
    shape: tuple[int, ...]
    rows: int
    classes: tuple[str, ...] | None
    class_counts: tuple[int, ...] | None
    target: str
    digest: str
    doc: str
    source: str


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything that a study may name; `training` holds the fields that every training has."""

    version: int
    kinds: tuple[Kind, ...]
    architectures: tuple[Declared, ...]
    optimizers: tuple[Declared, ...]
    schedules: tuple[Declared, ...]
    training: tuple[Hyperparameter, ...]
    presets: Mapping[str, tuple[Mapping[str, object], ...]]
    datasets: tuple[BundledDataset, ...]

    def kind(self, name: str) -> Kind:
        """The regularizer of that name. Raises KeyError where there is none, as all of these do."""
        return _named(name, self.kinds)

    def architecture(self, name: str) -> Declared:
        """The architecture of that name."""
        return _named(name, self.architectures)

    def optimizer(self, name: str) -> Declared:
        """The optimizer of that name."""
        return _named(name, self.optimizers)

    def schedule(self, name: str) -> Declared:
        """The learning-rate schedule of that name."""
        return _named(name, self.schedules)

    def dataset(self, name: str) -> BundledDataset:
        """The bundled data set of that name."""
        for dataset in self.datasets:
            if dataset.name == name:
                return dataset
        raise KeyError(name)

    def to_json(self) -> dict[str, Any]:
        """The document of `catalog.json`."""
        document: dict[str, Any] = _plain(self)
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Catalog:
        """The inverse of `to_json`."""
        return cls(
            version=document["version"],
            kinds=tuple(_declaration(Kind, entry) for entry in document["kinds"]),
            architectures=tuple(_declaration(Declared, entry) for entry in document["architectures"]),
            optimizers=tuple(_declaration(Declared, entry) for entry in document["optimizers"]),
            schedules=tuple(_declaration(Declared, entry) for entry in document["schedules"]),
            training=tuple(Hyperparameter.from_json(entry) for entry in document["training"]),
            presets=MappingProxyType(
                {
                    name: tuple(MappingProxyType(entry) for entry in preset)
                    for name, preset in document["presets"].items()
                }
            ),
            datasets=tuple(BundledDataset(**_frozen(entry)) for entry in document["datasets"]),
        )


@functools.cache
def load() -> Catalog:
    """The catalogue that this installation came with."""
    return Catalog.from_json(json.loads(PATH.read_text(encoding="utf-8")))


class _HasKind(Protocol):
    @property
    def kind(self) -> str: ...


Entry = TypeVar("Entry", bound=_HasKind)
Declaration = TypeVar("Declaration", Kind, Declared)


def _named(name: str, entries: tuple[Entry, ...]) -> Entry:
    for entry in entries:
        if entry.kind == name:
            return entry
    raise KeyError(name)


def _declaration(cls: type[Declaration], entry: Mapping[str, Any]) -> Declaration:
    hyperparameters = tuple(Hyperparameter.from_json(knob) for knob in entry["hyperparameters"])
    return cls(**{**_frozen(entry), "hyperparameters": hyperparameters})


def _frozen(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Hyperparameter):
        return value.to_json()
    if isinstance(value, (Catalog, Kind, Declared, BundledDataset)):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {name: _plain(entry) for name, entry in value.items()}
    return [_plain(entry) for entry in value] if isinstance(value, tuple) else value
