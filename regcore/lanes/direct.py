"""Direct calls of a compiled graph: past what looks again at every call whether the graph fits the arguments.

At every call `torch.compile` looks at each tensor of the arguments, and wraps the graph's own function in layers of
which a step needs none: a fifth of the step of 16 small lanes. Arguments of the same form need the same graph. The call
after it was found does both, and compares: only where the numbers are equal to the bit is the graph called directly.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch._inductor.output_code import CompiledFxGraph

from regcore.lanes.arguments import Argument, Form, equal_to_the_bit, looked_through, tensors_of

_log = logging.getLogger(__name__)

_CALLS_BEFORE = 2
_FORMS = 64


@dataclass
class _Graph:
    """A graph's own function and its inputs: places among the arguments' tensors, or what is the same at every call."""

    function: Callable[[list[Any]], Sequence[Any]]
    places: list[int | None]
    constants: list[Any]
    is_checked: bool = False

    def __call__(self, tensors: Sequence[Tensor]) -> Tensor:
        inputs = [
            constant if place is None else tensors[place]
            for place, constant in zip(self.places, self.constants, strict=True)
        ]
        with torch.no_grad():
            (result,) = self.function(inputs)
        return result  # type: ignore[no-any-return]


@dataclass
class _Call:
    """A call of a graph's function: which graph, and with which inputs."""

    graph: CompiledFxGraph | None = None
    inputs: list[Any] = field(default_factory=list)
    count: int = 0


class Direct:
    """A compiled function `(state, …) → tensor` that changes the state's tensors in place, on a processor."""

    def __init__(self, compiled: Callable[..., Tensor]) -> None:
        self._compiled = compiled
        self._held: list[Argument] = []
        self._calls: dict[Form, int] = {}
        self._graphs: dict[Form, _Graph | None] = {}

    def __call__(self, *arguments: Any) -> Tensor:
        self._held = held = looked_through(arguments, self._held)
        form = tuple(one.form for one in held)
        graph = self._graphs.get(form)
        if graph is not None and graph.is_checked:
            return graph(tensors_of(held))
        if form in self._graphs and graph is None:
            return self._compiled(*arguments)
        tensors = tensors_of(held)
        if graph is not None:
            return self._checked(form, graph, tensors, arguments)
        calls = self._calls[form] = self._calls.get(form, 0) + 1
        if calls <= _CALLS_BEFORE or tensors[0].device.type != "cpu":
            return self._compiled(*arguments)
        return self._found(form, tensors, arguments)

    def _found(self, form: Form, tensors: Sequence[Tensor], arguments: Sequence[Any]) -> Tensor:
        while len(self._graphs) >= _FORMS:
            del self._graphs[next(iter(self._graphs))]
        with _watched() as call:
            result = self._compiled(*arguments)
        self._graphs[form] = _graph_of(call, tensors)
        return result

    def _checked(self, form: Form, graph: _Graph, tensors: Sequence[Tensor], arguments: Sequence[Any]) -> Tensor:
        state = len(tensors_of([Argument.of(arguments[0])]))
        own = [tensor.clone() for tensor in tensors[:state]]
        expected = self._compiled(*arguments)
        try:
            found = [graph([*own, *tensors[state:]]), *own]
            graph.is_checked = all(map(equal_to_the_bit, [expected, *tensors[:state]], found))
        except Exception as error:
            _log.info("a graph is not called directly: %r", error)
        if not graph.is_checked:
            self._graphs[form] = None
        return expected


@contextmanager
def _watched() -> Iterator[_Call]:
    """Notes the call of a graph's own function that happens meanwhile."""
    call, before = _Call(), CompiledFxGraph.__call__

    def watched(graph: CompiledFxGraph, inputs: Sequence[Any]) -> Any:
        # The function empties the list that it is given.
        call.graph, call.inputs, call.count = graph, list(inputs), call.count + 1
        return before(graph, inputs)

    setattr(CompiledFxGraph, "__call__", watched)  # noqa: B010, looked up on the class
    try:
        yield call
    finally:
        setattr(CompiledFxGraph, "__call__", before)  # noqa: B010


def _graph_of(call: _Call, tensors: Sequence[Tensor]) -> _Graph | None:
    """The graph that was called; None where it was not one, once, of plain tensors and sizes."""
    if call.graph is None or call.count != 1 or call.graph.current_callable is None:
        return None
    own = {id(tensor): place for place, tensor in enumerate(tensors)}
    places = [own.get(id(one)) if isinstance(one, Tensor) else None for one in call.inputs]
    constants = [one if place is None else None for place, one in zip(places, call.inputs, strict=True)]
    return _Graph(call.graph.current_callable, places, constants)
