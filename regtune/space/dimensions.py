"""Dimensions: what a study searches, one for each hyperparameter and each gate, and the space that they make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from regcore.hyper import Per, Type
from regtune.setting import Value


@dataclass(frozen=True, slots=True)
class Dimension:
    """One searched hyperparameter or gate.

    A "real" or an "integer" lies in [low, high], both ends included, on a logarithmic scale where `log` is true; a
    "choice" is one of `choices` (names or numbers), a "flag" is true or false. `per` is "program" where lanes must
    share the value. The dimension exists where each gate in `conditions` is as it says. `chance` is that of a flag to
    be true as long as nothing has been learned, None for even chances.
    """

    name: str
    type: Type
    low: float | int | None = None
    high: float | int | None = None
    log: bool = False
    choices: tuple[Value, ...] = ()
    per: Per = "lane"
    conditions: Mapping[str, bool] = field(default_factory=dict)
    chance: float | None = None

    def exists(self, values: Mapping[str, Value]) -> bool:
        """Whether a point has this dimension whose gates are as in `values`; a gate that does not exist is false."""
        return all((values.get(gate) is True) is needed for gate, needed in self.conditions.items())

    def to_json(self) -> dict[str, Any]:
        """The dimension as JSON values."""
        return asdict(self) | {"choices": list(self.choices)}


@dataclass(frozen=True, slots=True)
class SearchSpace:
    """The dimensions of a study in a fixed order, each gate before what hangs on it."""

    dimensions: tuple[Dimension, ...]

    def to_json(self) -> dict[str, Any]:
        """The space as JSON values."""
        return {"dimensions": [dimension.to_json() for dimension in self.dimensions]}

    def __iter__(self) -> Iterator[Dimension]:
        return iter(self.dimensions)

    def __len__(self) -> int:
        return len(self.dimensions)
