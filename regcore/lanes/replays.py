"""Replays: the operations of a tape as one plain function, written out as Python and compiled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from regcore.lanes.tapes import Noted, Slot, Tape

Replay = Callable[[Sequence[Tensor]], list[Any]]
"""From the tensors that a tape was given, in their order, to its results."""


def replay_of(tape: Tape, results: Sequence[Any]) -> Replay:
    """The function that gives these results again, of other tensors with the shapes of those that the tape was given.

    Raises:
        CannotTape: a result came about elsewhere than on the tape.
    """
    wanted = [tape.slot(result) if isinstance(result, Tensor) else result for result in results]
    return _Writer(tape, wanted).written()


class _Writer:
    """Writes the function, a line for each operation that the results need; what a line uses last, it lets go of."""

    def __init__(self, tape: Tape, wanted: Sequence[Any]) -> None:
        self._tape = tape
        self._wanted = wanted
        self._names: dict[str, Any] = {}
        self._known: dict[int, str] = {}

    def written(self) -> Replay:
        lines = []
        used = {slot.number for slot in self._wanted if isinstance(slot, Slot)}
        for noted in reversed(self._needed()):
            last = sorted({slot.number for slot in noted.reads if not self._tape.is_kept(slot)} - used)
            used |= set(last)
            freed = "; " + "".join(f"t{number} = " for number in last) + "None" if last else ""
            lines.append(f"    {self._results(noted)} = {self._call(noted)}{freed}")
        given = ", ".join(f"t{slot.number}" for slot in self._tape.given)
        source = [
            "def replay(given):",
            f"    [{given}] = given",
            *reversed(lines),
            f"    return {self._text(list(self._wanted))}",
        ]
        exec(compile("\n".join(source), "<tape>", "exec"), self._names)
        replay: Replay = self._names["replay"]
        return replay

    def _needed(self) -> list[Noted]:
        """The operations on which the results depend, in their order."""
        wanted = {slot.number for slot in self._wanted if isinstance(slot, Slot)}
        needed = []
        for noted in reversed(self._tape.noted):
            made = [slot for slot in noted.results if slot is not None and not self._tape.is_kept(slot)]
            if noted.operation._schema.is_mutable or any(slot.number in wanted for slot in made):
                needed.append(noted)
                wanted |= {slot.number for slot in noted.reads}
        return needed[::-1]

    def _results(self, noted: Noted) -> str:
        names = ["_" if slot is None or self._tape.is_kept(slot) else f"t{slot.number}" for slot in noted.results]
        return f"[{', '.join(names)}]" if noted.several else names[0]

    def _call(self, noted: Noted) -> str:
        words = [self._text(argument) for argument in noted.arguments]
        words += [f"{name}={self._text(argument)}" for name, argument in noted.named.items()]
        return f"{self._constant(_binding(noted.operation))}({', '.join(words)})"

    def _text(self, value: Any) -> str:
        if isinstance(value, Slot):
            return self._constant(self._tape.constants[value]) if self._tape.is_kept(value) else f"t{value.number}"
        if isinstance(value, list | tuple):
            return f"[{', '.join(map(self._text, value))}]"
        return repr(value) if isinstance(value, bool | int | None) else self._constant(value)

    def _constant(self, value: Any) -> str:
        if id(value) not in self._known:
            self._known[id(value)] = name = f"c{len(self._known)}"
            self._names[name] = value
        return self._known[id(value)]


_SAME_BY_NAME = frozenset({"aten::bmm", "aten::sum", "aten::mean", "aten::stack", "aten::ones_like"})
"""Operations, beside views and those element by element, that torch's Python functions of the name take alike."""


def _binding(operation: Any) -> Any:
    """The operation, by torch's own Python name where that is the same: it is called in half the time."""
    by_name = operation._schema.name in _SAME_BY_NAME
    if torch.Tag.pointwise in operation.tags or operation.is_view or by_name:
        name = operation._schema.name.removeprefix("aten::")
        return getattr(torch, name, None) or getattr(Tensor, name, None) or operation
    return operation
