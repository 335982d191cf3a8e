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

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from regcore.lanes.replays import replay_of
from regcore.lanes.tapes import Tape

_log = logging.getLogger(__name__)

_CALLS_BEFORE = 8
"""Making a tape takes as long as some ten steps."""
_TAPES = 16

Form = tuple[Any, ...]


@dataclass(frozen=True)
class _Argument:
    """An argument as it was given, the tensors in it, and their form."""

    given: Any
    leaves: Sequence[Any]
    form: Form

    @classmethod
    def of(cls, given: Any) -> _Argument:
        """The argument, looked through."""
        if isinstance(given, Tensor):
            return cls(given, [given], _form([given]))
        leaves, shape = pytree.tree_flatten(given)
        return cls(given, leaves, (repr(shape), *_form(leaves)))


_NOTHING = _Argument(None, (), ())


@dataclass
class _Replay:
    """A tape's function of its tensors, how its results are put together, and whether they were found to be right."""

    run: Callable[[Sequence[Tensor]], list[Any]]
    shape: pytree.TreeSpec
    is_checked: bool = False
    first: _Argument = _NOTHING
    """The first result as an argument: where it is the state of lanes, it is the next call's."""

    def results(self, leaves: Sequence[Tensor]) -> Any:
        """What the function gives for these tensors."""
        made = self.run(leaves)
        results = pytree.tree_unflatten(made, self.shape)
        if not isinstance(results, tuple):
            return results
        form = self.first.form or _Argument.of(results[0]).form
        self.first = _Argument(results[0], made[: self.shape.child(0).num_leaves], form)
        return results


class Taped:
    """A function of trees of tensors, `(…) → tree`, which must be pure; on a processor it is replayed where it can be.

    What cannot be taped is called as it is.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._held: list[_Argument] = []
        self._calls: dict[Form, int] = {}
        self._replays: dict[Form, _Replay | None] = {}

    def __call__(self, *arguments: Any) -> Any:
        held = [self._argument(place, given) for place, given in enumerate(arguments)]
        # Of the first argument, lanes, nothing is held that was given, so that it ends with its owner.
        self._held = [_NOTHING, *held[1:]]
        leaves = [leaf for one in held for leaf in one.leaves if isinstance(leaf, Tensor)]
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

    def _argument(self, place: int, given: Any) -> _Argument:
        known = self._held[place] if place < len(self._held) else _NOTHING
        return known if known.given is given and given is not None else _Argument.of(given)

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
            equal = all(map(_equal, pytree.tree_leaves(expected), replay.run(leaves)))
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


def _form(leaves: Sequence[Any]) -> Form:
    """What a tape depends on beside the numbers."""
    return tuple((leaf.shape, leaf.stride(), leaf.dtype) if isinstance(leaf, Tensor) else leaf for leaf in leaves)


def _equal(one: Any, other: Any) -> bool:
    if not isinstance(one, Tensor) or not isinstance(other, Tensor):
        return one is other
    return (
        one.dtype == other.dtype
        and torch.equal(one.isnan(), other.isnan())
        and torch.equal(one.nan_to_num(), other.nan_to_num())
    )
