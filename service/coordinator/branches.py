"""Branches: the combinations of dimensions of which some exist only beside certain gates.

A gate is a fork: what hangs on it follows in the one branch or in the other. Dimensions that hang on no common gate
are independent, so that their combinations multiply without being listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from regtune.space import Dimension
from service.coordinator.combinations import Axis, Combination, Either, Product

Gates = Mapping[str, bool]


class Branches:
    """The combinations of a space's dimensions that `holds` lets stand, which is asked of each gate and its value."""

    def __init__(self, axes: Mapping[str, Axis], holds: Callable[[str, bool], bool]) -> None:
        self._axes = axes
        self._holds = holds

    def of(self, dimensions: Sequence[Dimension], known: Gates) -> Combination:
        """Every way to choose the dimensions that exist beside the known gates.

        Each gate stands before what hangs on it. A gate neither known nor among the dimensions rules out nothing.
        """
        known = dict(known)
        ahead: list[Dimension] = []
        for at in dimensions:
            if all(known.get(gate, needed) == needed for gate, needed in at.conditions.items()):
                ahead.append(at)
            elif at.type == "flag":
                known[at.name] = False
                if not self._holds(at.name, False):
                    return Either(())
        return Product(tuple(self._together(group, known) for group in _independent(ahead)))

    def _together(self, group: Sequence[Dimension], known: Gates) -> Combination:
        first, *others = group
        if first.type != "flag":
            return self._axes[first.name]
        return Either(
            tuple(
                Product((Axis(first.name, (value,)), self.of(others, {**known, first.name: value})))
                for value in (False, True)
                if self._holds(first.name, value)
            )
        )


def _independent(dimensions: Sequence[Dimension]) -> Iterator[list[Dimension]]:
    """The dimensions in groups, of which none hangs on a gate of another."""
    groups: list[list[Dimension]] = []
    for at in dimensions:
        joined = [group for group in groups if any(other.name in at.conditions for other in group)]
        groups = [group for group in groups if group not in joined]
        groups.append([*(other for group in joined for other in group), at])
    order = {at.name: index for index, at in enumerate(dimensions)}
    for group in sorted(groups, key=lambda group: min(order[at.name] for at in group)):
        yield sorted(group, key=lambda at: order[at.name])
