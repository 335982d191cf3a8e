"""The regularizers of one lane: each kind that the program names, with this lane's values and its mask."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import torch
from torch import Tensor

from regcore.hyper import Value
from regcore.regularizers import find
from regcore.sites import Parameters, Regularizer

Rule = TypeVar("Rule", bound=Regularizer)


@dataclass(frozen=True, slots=True)
class Masked(Generic[Rule]):
    """A regularizer and whether this lane uses it: a bool tensor of no dimension, or None where every lane does."""

    kind: str
    rule: Rule
    on: Tensor | None = None

    def safe(self, value: Tensor) -> Tensor:
        """`value` where the lane uses the rule, else ones: a NaN in an unused branch would poison its gradients."""
        return value if self.on is None else torch.where(self.on, value, torch.ones_like(value))

    def change(self, value: Tensor, change: Callable[[Tensor], Tensor]) -> Tensor:
        """`change(value)` where the lane uses the rule, `value` where not, to the bit and in the gradient too."""
        return self.choose(change(self.safe(value)), value)

    def choose(self, used: Tensor, unused: Tensor) -> Tensor:
        """`used` where the lane uses the rule, else `unused`."""
        return used if self.on is None else torch.where(self.on, used, unused)

    def choose_all(self, used: Mapping[str, Tensor], unused: Mapping[str, Tensor]) -> Parameters:
        """`choose` for each tensor that `used` holds; the others of `unused` stay."""
        return {**unused, **{name: self.choose(value, unused[name]) for name, value in used.items()}}


class Kinds:
    """The regularizers of one lane, found by the site at which they act."""

    def __init__(self, members: Sequence[Masked[Regularizer]]) -> None:
        self._members = sorted(members, key=lambda member: (member.rule.order, member.kind))

    def of(self, site: type[Rule]) -> Iterator[Masked[Rule]]:
        """Those of one site, in the order in which they act."""
        for member in self._members:
            if isinstance(member.rule, site):
                yield Masked(member.kind, member.rule, member.on)


Known = Mapping[str, Mapping[str, Tensor]]
"""What each kind found in the training rows, by kind and name."""


def kinds_of_lane(
    names: Sequence[str], values: Mapping[str, Tensor | Value], masks: Mapping[str, Tensor | None], known: Known
) -> Kinds:
    """The kinds that act, with one lane's values; a kind that `masks` does not hold acts in no lane and is left out.

    `values` is flat: "dropout.rate" → a tensor of no dimension, or a plain value where the knob is the program's.
    """
    members = []
    for name in names:
        if name in masks:
            rule = find(name)
            own = {knob: values[f"{name}.{knob}"] for knob in rule.hyperparameters}
            member = rule(**own)
            member.known = known[name]
            members.append(Masked(name, member, masks[name]))
    return Kinds(members)
