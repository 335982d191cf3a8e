"""Tapes: what a function does to tensors, operation by operation, noted so that it can be done again.

Noted are torch's operations below mapping and differentiating, as they reach a device. Memory is followed, so that
what is changed in place, or lies in the same place, is told apart from what is a value of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.weak import WeakIdKeyDictionary

_KEPT_NUMBERS = 2**18
"""How large a result is kept that is the same at every call, like the counters from which draws are made."""


class CannotTape(Exception):
    """The function does what no tape holds: it reads numbers, or what it made elsewhere than by torch's operations."""


@dataclass(frozen=True)
class Slot:
    """A tensor on the tape: its number, that of the memory in which it lies, and whether every call makes it equal."""

    number: int
    memory: int
    same: bool


@dataclass(frozen=True)
class Noted:
    """An operation with its arguments, slots standing for tensors; its results, of which it gives one or `several`."""

    operation: Any
    arguments: tuple[Any, ...]
    named: Mapping[str, Any]
    results: tuple[Slot | None, ...]
    several: bool

    @property
    def reads(self) -> list[Slot]:
        """The slots among its arguments."""
        leaves = pytree.tree_leaves((self.arguments, dict(self.named)))
        return [leaf for leaf in leaves if isinstance(leaf, Slot)]


class Tape(TorchDispatchMode):
    """Notes what is done to tensors while it is entered; those `given` are other ones at every call."""

    def __init__(self, given: Sequence[Tensor]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.noted: list[Noted] = []
        self.constants: dict[Slot, Tensor] = {}
        """What is the same at every call: tensors from outside, and small ones that follow from such."""
        self._slots = WeakIdKeyDictionary()
        self._memories = WeakIdKeyDictionary()
        self._filled: set[int] = set()
        self._written: set[int] = set()
        self._varying: set[int] = set()
        self._count = 0
        self.given = [self._added(tensor, same=False) for tensor in given]

    def __torch_dispatch__(
        self, operation: Any, types: Any, arguments: tuple[Any, ...] = (), named: Mapping[str, Any] | None = None
    ) -> Any:
        named = named or {}
        read = [(leaf, self.slot(leaf)) for leaf in pytree.tree_leaves((arguments, named)) if isinstance(leaf, Tensor)]
        reads, reads_by_name = pytree.tree_map_only(Tensor, self.slot, (arguments, named))
        result = operation(*arguments, **named)
        if torch.Tag.inplace_view in operation.tags:
            raise CannotTape(f"{operation} changes the shape of what it is given")
        several = isinstance(result, tuple | list)
        results = tuple(result) if several else (result,)
        if not all(one is None or isinstance(one, Tensor) for one in results):
            raise CannotTape(f"{operation} reads a number")
        same = all(slot.same and slot.memory not in self._varying for _, slot in read)
        if operation._schema.is_mutable:
            memories = {slot.memory for _, slot in read}
            self._written |= memories
            self._varying |= set() if same else memories
        elif not several and (place := _place(result, read)) is not None:
            self._slots[result] = place
            return result
        slots = tuple(None if one is None else self._result(one, same) for one in results)
        self.noted.append(Noted(operation, reads, reads_by_name, slots, several))
        return result

    def slot(self, tensor: Tensor) -> Slot:
        """The tensor's slot; one that was not seen before is from outside, and the same at every call.

        Raises:
            CannotTape: it lies in memory that was filled while the tape ran.
        """
        if tensor not in self._slots:
            if self._memories.get(tensor.untyped_storage()) in self._filled:
                raise CannotTape("a tensor came from another one by no operation")
            self.constants[self._added(tensor, same=True)] = tensor
        found: Slot = self._slots[tensor]
        return found

    def is_kept(self, slot: Slot) -> bool:
        """Whether the tensor need not be made again: it is known, and nothing writes to it."""
        return slot in self.constants and slot.memory not in self._written

    def _result(self, tensor: Tensor, same: bool) -> Slot:
        if tensor in self._slots:
            written: Slot = self._slots[tensor]
            return written
        slot = self._added(tensor, same)
        self._filled.add(slot.memory)
        if same and tensor.numel() <= _KEPT_NUMBERS:
            self.constants[slot] = tensor
        return slot

    def _added(self, tensor: Tensor, same: bool) -> Slot:
        memory = self._memories.setdefault(tensor.untyped_storage(), self._count)
        self._slots[tensor] = slot = Slot(self._count, memory, same)
        self._count += 1
        return slot


def _place(result: Tensor, read: Sequence[tuple[Tensor, Slot]]) -> Slot | None:
    """The slot of what was read, if the result is only another name of it."""
    if result is None:
        return None
    return next((slot for tensor, slot in read if _geometry(tensor) == _geometry(result)), None)


def _geometry(tensor: Tensor) -> tuple[Any, ...]:
    """Which numbers of which memory a tensor holds."""
    return tensor.dtype, tensor.shape, tensor.stride(), tensor.data_ptr()
