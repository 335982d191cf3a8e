"""Arguments: trees of tensors, given to a function again and again and looked through only when they are new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch.utils import _pytree as pytree

Form = tuple[Any, ...]
"""All of an argument but the numbers: the shape of the tree, and sizes, strides and type of each tensor."""


@dataclass(frozen=True)
class Argument:
    """An argument as it was given, its leaves, and its form."""

    given: Any
    leaves: Sequence[Any]
    form: Form

    @classmethod
    def of(cls, given: Any) -> Argument:
        """The argument, looked through."""
        if isinstance(given, Tensor):
            return cls(given, (given,), _form((given,)))
        leaves, shape = pytree.tree_flatten(given)
        return cls(given, leaves, (repr(shape), *_form(leaves)))


NO_ARGUMENT = Argument(None, (), ())


def looked_through(given: Sequence[Any], known: Sequence[Argument]) -> list[Argument]:
    """The arguments given; one that is the very object known in its place is not looked through again."""
    padded = [*known, *[NO_ARGUMENT] * (len(given) - len(known))]
    return [
        old if old.given is new and new is not None else Argument.of(new)
        for old, new in zip(padded, given, strict=True)
    ]


def tensors_of(arguments: Sequence[Argument]) -> list[Tensor]:
    """All tensors among the arguments' leaves, in order."""
    return [leaf for argument in arguments for leaf in argument.leaves if isinstance(leaf, Tensor)]


def equal_to_the_bit(one: Any, other: Any) -> bool:
    """Whether two tensors hold the same numbers, one that is none being equal to itself; else whether both are one."""
    if not isinstance(one, Tensor) or not isinstance(other, Tensor):
        return one is other
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    return bool(((one == other) | (one.isnan() & other.isnan())).all())


def _form(leaves: Sequence[Any]) -> Form:
    return tuple((leaf.shape, leaf.stride(), leaf.dtype) if isinstance(leaf, Tensor) else leaf for leaf in leaves)
