"""The engines: three ways to take K lanes through what is written for one.

`eager` maps the function over lanes and runs it operation by operation. `compiled` makes one graph of the mapped
function and compiles it, once for every number of lanes. `alone` has one lane, and runs the function as it is written.
Within one engine a fit's numbers are its own, whoever trains beside it; between engines they differ by rounding, which
training amplifies.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Literal

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from regcore.lanes.precision import Precision, switched
from regcore.lanes.taped import Taped
from regcore.lanes.turns import Part

EngineName = Literal["compiled", "eager", "alone"]
OneLane = Callable[..., Any]
"""A function of one lane: trees of its own, then what it shares with all others; gives a tree of its own."""


class Engine(ABC):
    """How functions of one lane are run for K.

    `least_lanes` is how many lanes there must be; with `spares` a step leaves out what none of its lanes needs.
    """

    name: EngineName
    least_lanes: int
    most_lanes: int | None = None
    spares: bool

    def width(self, lanes: int, most: int) -> int:
        """How many lanes are trained for so many fits, the rest being silent; `most` is the room there is for fits."""
        return max(lanes, self.least_lanes)

    @abstractmethod
    def over_lanes(self, one_lane: OneLane, own: int) -> Callable[..., Any]:
        """The function for K lanes: of its arguments the first `own` have a lane axis, the others are shared."""

    def advancing(self, one_lane: OneLane, own: int) -> Callable[..., Any]:
        """Likewise for a function `(state, …) → (state, result)`; the old state may be overwritten by the new."""
        return self.over_lanes(one_lane, own)

    def repeated(self, advance: Callable[..., Any]) -> Callable[..., Any]:
        """A function `(state, …) → (state, result)` that is called again and again, in the way that does so fastest."""
        return advance

    def suited(self, convolves: bool, device: torch.device) -> Engine:
        """The form of the engine that is best for a network with or without convolutions on a device."""
        return self

    def take_rows(self, inputs: Tensor) -> None:
        """Sees the rows on which functions will run, before they do."""
        return

    def make_ready(self, parts: Sequence[Part], device: torch.device, while_waiting: Callable[[], None]) -> None:
        """Does what comes before a first step, if anything; `parts` are a step and an evaluation that nobody asked for.

        `while_waiting` is called now and then while another process does it for this one too, and may raise.

        Raises:
            CannotCompile: the engine compiles, and this machine cannot.
        """
        return


class Eager(Engine):
    name: EngineName = "eager"
    # A product of one matrix may take another path than a batched one: a lane alone has a silent neighbour.
    least_lanes = 2
    spares = True

    def over_lanes(self, one_lane: OneLane, own: int) -> Callable[..., Any]:
        return Taped(_mapped(one_lane, own))

    def advancing(self, one_lane: OneLane, own: int) -> Callable[..., Any]:
        return _mapped(one_lane, own)

    def repeated(self, advance: Callable[..., Any]) -> Callable[..., Any]:
        return Taped(advance)


class Alone(Engine):
    name: EngineName = "alone"
    least_lanes = 1
    most_lanes = 1
    spares = True

    def over_lanes(self, one_lane: OneLane, own: int) -> Callable[..., Any]:
        return _unmapped(one_lane, own)


class Compiled(Engine):
    name: EngineName = "compiled"
    least_lanes = 2
    spares = False

    def suited(self, convolves: bool, device: torch.device) -> Engine:
        return CompiledAlone() if convolves and device.type == "cpu" else self

    def over_lanes(self, one_lane: OneLane, own: int) -> Callable[..., Any]:
        return self._graph(self._of_lanes(one_lane, own))

    def advancing(self, one_lane: OneLane, own: int) -> Callable[..., Any]:
        mapped = self._of_lanes(one_lane, own)

        def in_place(state: Any, *others: Any) -> Any:
            new, result = mapped(state, *others)
            for old_leaf, new_leaf in zip(pytree.tree_leaves(state), pytree.tree_leaves(new), strict=True):
                if old_leaf is not new_leaf:
                    old_leaf.copy_(new_leaf)
            return result

        from regcore.lanes.direct import Direct

        graph = Direct(self._graph(in_place))

        def advanced(state: Any, *others: Any) -> Any:
            return state, graph(state, *others)

        return advanced

    def _of_lanes(self, one_lane: OneLane, own: int) -> Callable[..., Any]:
        return _mapped(one_lane, own)

    def _graph(self, function: Callable[..., Any]) -> Callable[..., Any]:
        from regcore.lanes.compiling import compiled_graph

        return compiled_graph(function)

    def take_rows(self, inputs: Tensor) -> None:
        from regcore.lanes.compiling import fix_image_size

        fix_image_size(inputs)

    def make_ready(self, parts: Sequence[Part], device: torch.device, while_waiting: Callable[[], None]) -> None:
        from regcore.lanes.compiling import compile_by

        compile_by(parts, device, while_waiting)


class CompiledAlone(Compiled):
    """One lane in a graph of its own sizes: what convolutions on a processor are best compiled to.

    Mapped ones would be compiled anew for every number of lanes, and be slower than a lane alone.
    """

    least_lanes = 1
    most_lanes = 1

    def _of_lanes(self, one_lane: OneLane, own: int) -> Callable[..., Any]:
        unmapped = _unmapped(one_lane, own)

        def without_recording(*arguments: Any) -> Any:
            with torch.no_grad():
                return unmapped(*arguments)

        return without_recording

    def _graph(self, function: Callable[..., Any]) -> Callable[..., Any]:
        from regcore.lanes.compiling import compiled_graph_of_one_size

        return compiled_graph_of_one_size(function)


class Around(Engine):
    """An engine around another, which does what is asked of it unless said otherwise."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.name = engine.name
        self.least_lanes = engine.least_lanes
        self.most_lanes = engine.most_lanes
        self.spares = engine.spares

    def width(self, lanes: int, most: int) -> int:
        return self._engine.width(lanes, most)

    def over_lanes(self, one_lane: OneLane, own: int) -> Callable[..., Any]:
        return self._engine.over_lanes(one_lane, own)

    def advancing(self, one_lane: OneLane, own: int) -> Callable[..., Any]:
        return self._engine.advancing(one_lane, own)

    def repeated(self, advance: Callable[..., Any]) -> Callable[..., Any]:
        return self._engine.repeated(advance)

    def take_rows(self, inputs: Tensor) -> None:
        self._engine.take_rows(inputs)

    def make_ready(self, parts: Sequence[Part], device: torch.device, while_waiting: Callable[[], None]) -> None:
        self._engine.make_ready(parts, device, while_waiting)


class Switching(Around):
    """An engine on a GPU, which multiplies in the program's precision while the engine's functions run, and then only.

    What is recorded meanwhile keeps it.
    """

    def __init__(self, engine: Engine, precision: Precision) -> None:
        super().__init__(engine)
        self._precision = precision

    def over_lanes(self, one_lane: OneLane, own: int) -> Callable[..., Any]:
        return self._switched(super().over_lanes(one_lane, own))

    def advancing(self, one_lane: OneLane, own: int) -> Callable[..., Any]:
        return self._switched(super().advancing(one_lane, own))

    def _switched(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any) -> Any:
            with switched(self._precision):
                return function(*arguments)

        return run


def in_precision(engine: Engine, precision: Precision, device: torch.device) -> Engine:
    """The engine as it multiplies on a device: a processor has no switches."""
    return Switching(engine, precision) if device.type == "cuda" else engine


def find(name: EngineName) -> Engine:
    """The engine of this name."""
    engines: dict[EngineName, type[Engine]] = {"compiled": Compiled, "eager": Eager, "alone": Alone}
    return engines[name]()


def _mapped(one_lane: OneLane, own: int) -> Callable[..., Any]:
    def over_lanes(*arguments: Any) -> Any:
        lane_axes = _each_tensor(lambda _: 0, arguments[:own])
        in_dims = (*lane_axes, *[None] * (len(arguments) - own))
        with torch.no_grad():
            return torch.func.vmap(one_lane, in_dims=in_dims)(*arguments)

    return over_lanes


def _unmapped(one_lane: OneLane, own: int) -> Callable[..., Any]:
    def of_the_only_lane(*arguments: Any) -> Any:
        result = one_lane(*_each_tensor(_only, arguments[:own]), *arguments[own:])
        return _each_tensor(lambda leaf: leaf[None], result)

    return of_the_only_lane


def _each_tensor(change: Callable[[Tensor], Any], tree: Any) -> Any:
    return pytree.tree_map_only(Tensor, change, tree)


def _only(leaf: Tensor) -> Tensor:
    only = leaf[0]
    # A processor convolves, normalizes and pools faster with channels last, a layout that images take from the weights.
    return only.to(memory_format=torch.channels_last) if only.dim() == 4 and only.device.type == "cpu" else only
