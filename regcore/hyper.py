"""Hyperparameters: one declaration that is range, default, scale, off-value, search dimension and form control at once.

A class that inherits `Declared` states its hyperparameters as annotated fields; everything that other floors need
to know about it (catalogue, validation, sampling, documentation) is derived from them::

    class ElasticNet(LossTerm):
        l1: Tensor = real(1e-7, 1e-1, default=1e-5, log=True, off=0.0, search=True, doc="λ₁, …")
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Literal

Value = float | int | bool | str
Type = Literal["real", "integer", "choice", "flag"]
Per = Literal["lane", "program"]


@dataclass(frozen=True, slots=True)
class Hyperparameter:
    """One declared knob.

    `low` and `high` bound numbers, both ends legal; `log` says that the knob's natural scale is logarithmic; `off` is
    the finite value at which it does nothing, legal besides the range; `search` is the range (or the choices) that a
    study searches when it leaves the knob out, or None where it then takes its default. `per` is "lane" for a value
    that is read as data and "program" for one that changes shapes, parameters or the number of passes.
    """

    name: str
    type: Type
    default: Value
    doc: str
    low: float | None = None
    high: float | None = None
    log: bool = False
    off: float | None = None
    choices: tuple[str, ...] = ()
    per: Per = "lane"
    search: tuple[Value, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """The knob as the catalogue and the HTTP contract show it."""
        return asdict(self) | {"choices": list(self.choices), "search": None if self.search is None else [*self.search]}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Hyperparameter:
        """The inverse of `to_json`."""
        search = document["search"]
        return cls(
            **{
                **document,
                "choices": tuple(document["choices"]),
                "search": None if search is None else tuple(search),
            }
        )


def real(
    low: float,
    high: float,
    *,
    default: float,
    doc: str,
    log: bool = False,
    off: float | None = None,
    search: bool | tuple[float, float] = False,
    per: Per = "lane",
) -> Any:
    """A real number in [low, high]; `search=True` searches the whole range, a pair searches that part of it."""
    _check_range(low, high, default, off, log)
    return Hyperparameter("", "real", default, doc, low, high, log, off, (), per, _searched(search, low, high))


def integer(
    low: int,
    high: int,
    *,
    default: int,
    doc: str,
    log: bool = False,
    off: int | None = None,
    search: bool | tuple[int, int] = False,
    per: Per = "lane",
) -> Any:
    """A whole number in [low, high]."""
    _check_range(low, high, default, off, log)
    return Hyperparameter("", "integer", default, doc, low, high, log, off, (), per, _searched(search, low, high))


def choice(*choices: str, default: str, doc: str, search: bool = False, per: Per = "lane") -> Any:
    """One of the named choices."""
    if default not in choices:
        raise ValueError(f"the default {default!r} is not among the choices {choices}")
    return Hyperparameter("", "choice", default, doc, choices=choices, per=per, search=choices if search else None)


def flag(*, default: bool, doc: str, search: bool = False, per: Per = "lane") -> Any:
    """True or false."""
    return Hyperparameter("", "flag", default, doc, per=per, search=(False, True) if search else None)


def _searched(search: bool | tuple[float, float], low: float, high: float) -> tuple[float, float] | None:
    if isinstance(search, tuple):
        if not low <= search[0] < search[1] <= high:
            raise ValueError(f"the searched range {search} does not lie within [{low}, {high}]")
        return search
    return (low, high) if search else None


def _check_range(low: float, high: float, default: float, off: float | None, log: bool) -> None:
    if not low < high:
        raise ValueError(f"the range [{low}, {high}] is upside down")
    if log and low <= 0:
        raise ValueError(f"a logarithmic range starts above 0, got {low}")
    if not (low <= default <= high or default == off):
        raise ValueError(f"the default {default} lies outside [{low}, {high}]")
    if off is not None and not math.isfinite(off):
        raise ValueError(f"the off value is a finite number or None, got {off}")


class Declared:
    """A class whose annotated fields declare hyperparameters; an instance holds one value for each.

    Values are keyword arguments; one left out takes its default. On an instance a value is whatever was given: a
    Python number for a setting, a tensor of no dimension inside the one-lane function that the engine maps over lanes.
    """

    hyperparameters: ClassVar[Mapping[str, Hyperparameter]] = {}

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        own = {
            name: replace(value, name=name) for name, value in vars(cls).items() if isinstance(value, Hyperparameter)
        }
        cls.hyperparameters = {**cls.hyperparameters, **own}

    def __init__(self, **values: Any) -> None:
        unknown = values.keys() - self.hyperparameters.keys()
        if unknown:
            raise TypeError(f"{type(self).__name__} has no {sorted(unknown)}; it has {sorted(self.hyperparameters)}")
        for name, declared in self.hyperparameters.items():
            setattr(self, name, values.get(name, declared.default))

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.hyperparameters)
        return f"{type(self).__name__}({values})"
