"""Graphs of a GPU, simulated on a processor: what is recorded is run again, and must touch the same memory."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode

from regcore.lanes.graphs import Recording


@dataclass
class SimulatedRecorder:
    """Counts what it records; a replay that touches other memory than the recording did is an error, as on a GPU."""

    recordings: int = 0
    replays: int = 0

    def record(self, run: Callable[[], Tensor]) -> Recording:
        self.recordings += 1
        run()
        recorded = _Touched()
        with recorded:
            result = run()

        def replay() -> None:
            self.replays += 1
            replayed = _Touched()
            with replayed:
                again = run()
            result.copy_(again)
            if replayed.addresses != recorded.addresses:
                raise AssertionError("a replay touches memory that was not recorded")

        return Recording(result, replay)


@dataclass
class RepeatingRecorder:
    """Likewise, but without looking at memory, which cannot be done for compiled code."""

    recordings: int = 0

    def record(self, run: Callable[[], Tensor]) -> Recording:
        self.recordings += 1
        result = run()
        return Recording(result, lambda: result.copy_(run()))


@dataclass
class _Touched(TorchDispatchMode):
    """The addresses of all that was not made while it watches."""

    addresses: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()
        # Kept alive, so that no address is used twice.
        self._made: dict[int, Tensor] = {}

    def __torch_dispatch__(self, function: Any, types: Any, arguments: Any = (), named: Any = None) -> Any:
        for tensor in _tensors((arguments, named)):
            if tensor.untyped_storage().data_ptr() not in self._made:
                self.addresses.add(tensor.untyped_storage().data_ptr())
        result = function(*arguments, **(named or {}))
        for tensor in _tensors(result):
            address = tensor.untyped_storage().data_ptr()
            if address not in self.addresses:
                self._made[address] = tensor
        return result


def _tensors(tree: Any) -> list[Tensor]:
    """Without single numbers, which are passed by value."""
    return [leaf for leaf in pytree.tree_leaves(tree) if isinstance(leaf, torch.Tensor) and leaf.dim()]
