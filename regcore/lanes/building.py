"""Building a network: running it once, so that every layer and kind makes what it starts with.

Each parameter is drawn from a stream of its own name, so that a fit starts from the same weights in whatever company,
and adding a kind or a layer leaves the others' start as it was. Weights and biases are uniform in ±1/√fan-in, as
torch's own layers start (He et al., 2015, arXiv:1502.01852, with a = √5).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from regcore.lanes.kinds import Kinds
from regcore.lanes.network import Keys, LaneNetwork, Layout
from regcore.lanes.randomness import uniform
from regcore.network import Architecture
from regcore.sites import Key, Parameters, State

_ROWS = 2  # a normalization needs two rows to have a variance


class Building(LaneNetwork):
    """A network that makes its parameters and state as its layers ask for them, by the keys of one fit.

    Parameters that are `given` by name are taken as they are, and no others drawn in their place.
    """

    def __init__(self, kinds: Kinds, key_of: Keys, layout: Layout, given: Mapping[str, Tensor]) -> None:
        self.parameters: Parameters = {}
        self.state: State = {}
        self.found = Layout()
        self._given = given
        self._key_of = key_of
        super().__init__(kinds, self.parameters, self.state, layout, self._stream)

    def _stream(self, name: str) -> Key:
        if name not in self.found.streams:
            self.found.streams.append(name)
        return self._key(name)

    def _key(self, name: str) -> Key:
        if name not in self.found.starts:
            self.found.starts.append(name)
        return self._key_of(name)

    def _start_key(self, place: str) -> Key:
        return self._key(f"start/{place}")

    def parameter(self, name: str, shape: tuple[int, ...], fan_in: int) -> Tensor:
        if name not in self.parameters:
            self.parameters[name] = self._given[name] if name in self._given else self._drawn(name, shape, fan_in)
            if len(shape) >= 2:
                self.found.weights.append(name)
                self.found.convolves |= len(shape) > 2
        return self.parameters[name]

    def learned(self, name: str, start: Tensor, penalized: bool) -> Tensor:
        if name not in self.parameters:
            self.parameters[name] = self._given.get(name, start)
            if penalized:
                self.found.weights.append(name)
        return self.parameters[name]

    def _drawn(self, name: str, shape: tuple[int, ...], fan_in: int) -> Tensor:
        bound = 1.0 / math.sqrt(fan_in)
        return (2.0 * uniform(self._key(f"start/{name}"), shape) - 1.0) * bound

    def _own(self, prefix: str, start: Callable[[], Parameters]) -> Parameters:
        own = super()._own(prefix, start) or start()
        self.parameters.update({f"{prefix}.{name}": value for name, value in own.items()})
        return own

    def _remembered(self, prefix: str, start: Callable[[], State]) -> State:
        remembered = super()._remembered(prefix, start) or start()
        self.state.update({f"{prefix}/{name}": value for name, value in remembered.items()})
        return remembered


def build(
    architecture: Architecture, kinds: Kinds, input_shape: tuple[int, ...], outputs: int, key_of: Keys, layout: Layout
) -> tuple[Parameters, State, Layout]:
    """What the fit with these keys starts with, and the layout that building found.

    `input_shape` is that of one row. `layout` is what an earlier build found, or empty for the first.
    """
    rows = torch.zeros((_ROWS, *input_shape))
    return built(Building(kinds, key_of, layout, given={}), architecture, rows, outputs)


def built(
    building: Building, architecture: Architecture, rows: Tensor, outputs: int
) -> tuple[Parameters, State, Layout]:
    """The same, by a network that is to be built, from rows like those that it will see, at least two."""
    architecture.forward(building, rows, outputs)
    building.found.places = dict(building._passed)
    return building.parameters, building.state, building.found
