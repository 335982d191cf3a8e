"""Gates: the dimensions that decide which of a study's kinds a trial uses, and what each of them hangs on.

A kind whose place another kind gives is tried only where that one is used. Of kinds that conflict a trial uses one at
most: the gate of each exists where those before it came out false. So that its place in the list favours none, the
first of n such gates is true with chance 1/(n + 1), the next, where it exists, with chance 1/n, and so on to 1/2: each
of the n kinds, and none of them, then come with the same chance 1/(n + 1), as in a draw of one from a list of kinds
and "none" (Kadra et al. (2021), arXiv:2106.11189, table 1). That is exact for kinds each of which conflicts with each
other one, and near it where only some do.
"""

from __future__ import annotations

from collections.abc import Sequence

from regcore.catalog import Catalog, Kind
from regtune.setting import gate_of
from regtune.space.dimensions import Dimension
from regtune.study.definition import StudyDefinition
from regtune.study.places import placed_uses


def gates_of(definition: StudyDefinition, catalog: Catalog) -> tuple[Dimension, ...]:
    """The searched gates of a study, each behind those that it hangs on."""
    placed = placed_uses(definition.regularizers, catalog, catalog.architecture(definition.model.kind))
    searched = [each for each in placed if each.use.gate == "search"]
    kinds = [catalog.kind(each.use.kind) for each in searched]
    gates = []
    for index, (each, kind) in enumerate(zip(searched, kinds, strict=True)):
        conditions = {gate_of(other): False for other in _conflicting(kind, kinds[:index])}
        if each.giver is not None and each.giver.gate == "search":
            conditions[gate_of(each.giver.kind)] = True
        to_come = len(_conflicting(kind, kinds[index + 1 :]))
        chance = 1 / (2 + to_come) if to_come else None
        name = gate_of(kind.kind)
        gates.append(Dimension(name, "flag", per=kind.gate_per, conditions=conditions, chance=chance))
    return tuple(gates)


def _conflicting(kind: Kind, others: Sequence[Kind]) -> list[str]:
    return [other.kind for other in others if kind.conflicts_with(other)]
