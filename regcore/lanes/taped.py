"""Taped functions: mapped ones that replay a tape of themselves once they have been called with the same shapes.

Where lanes are few and narrow, an eager step spends more time on its way to its operations, through mapping and
differentiating, than in them. A replay does the same operations on tensors of the same shapes in the same order, so
that its numbers are equal to the bit; the call after a tape was made looks whether they are.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor
from torch.utils import _pytree as pytree

from regcore.lanes.arguments import NO_ARGUMENT, Argument, Form, equal_to_the_bit, looked_through, tensors_of
from regcore.lanes.replays import replay_of
from regcore.lanes.tapes import Tape

_log = logging.getLogger(__name__)

_CALLS_BEFORE = 8
"""Making a tape takes as long as some ten steps."""
_TAPES = 16


@dataclass
class _Replay:
    """A tape's function of its tensors, how its results are put together, and whether they were found to be right."""

    run: Callable[[Sequence[Tensor]], list[Any]]
    shape: pytree.TreeSpec
    is_checked: bool = False
    first: Argument = NO_ARGUMENT
    """The first result as an argument: where it is the state of lanes, it is the next call's."""

    def results(self, leaves: Sequence[Tensor]) -> Any:
        """What the function gives for these tensors."""
        made = self.run(leaves)
        results = pytree.tree_unflatten(made, self.shape)
        if not isinstance(results, tuple):
            return results
        form = self.first.form or Argument.of(results[0]).form
        self.first = Argument(results[0], made[: self.shape.child(0).num_leaves], form)
        return results


class Taped:
    """A function of trees of tensors, `(…) → tree`, which must be pure; on a processor it is replayed where it can be.

    What cannot be taped is called as it is.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._held: list[Argument] = []
        self._calls: dict[Form, int] = {}
        self._replays: dict[Form, _Replay | None] = {}

    def __call__(self, *arguments: Any) -> Any:
        held = looked_through(arguments, self._held)
        # Of the first argument, lanes, nothing is held that was given, so that it ends with its owner.
        self._held = [NO_ARGUMENT, *held[1:]]
        leaves = tensors_of(held)
        form = tuple(one.form for one in held)
        del held
        if form in self._replays:
            replay = self._replays[form]
            if replay is None:
                return self._function(*arguments)
            if not replay.is_checked:
                return self._checked(form, replay, leaves, arguments)
            results = replay.results(leaves)
            self._held[0], replay.first = replay.first, replace(replay.first, given=None, leaves=())
            return results
        calls = self._calls[form] = self._calls.get(form, 0) + 1
        if calls <= _CALLS_BEFORE or leaves[0].device.type != "cpu":
            return self._function(*arguments)
        return self._recorded(form, leaves, arguments)

    def _recorded(self, form: Form, leaves: list[Tensor], arguments: Sequence[Any]) -> Any:
        while len(self._replays) >= _TAPES:
            del self._replays[next(iter(self._replays))]
        tape = Tape(leaves)
        try:
            with tape:
                results = self._function(*arguments)
            tensors, shape = pytree.tree_flatten(results)
            self._replays[form] = _Replay(replay_of(tape, tensors), shape)
        except Exception as error:
            self._give_up(form, error)
            return self._function(*arguments)
        return results

    def _checked(self, form: Form, replay: _Replay, leaves: list[Tensor], arguments: Sequence[Any]) -> Any:
        expected = self._function(*arguments)
        try:
            equal = all(map(equal_to_the_bit, pytree.tree_leaves(expected), replay.run(leaves)))
        except Exception as error:
            self._give_up(form, error)
            return expected
        if equal:
            replay.is_checked = True
        else:
            self._give_up(form, "a replay gives other numbers")
        return expected

    def _give_up(self, form: Form, reason: object) -> None:
        _log.info("is mapped at every call: %s", reason)
        self._replays[form] = None
