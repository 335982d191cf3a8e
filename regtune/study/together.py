"""Which of a study's kinds go together: none stands there twice or beside its opposite, and each has its place."""

from __future__ import annotations

from collections.abc import Sequence

from regcore.catalog import Catalog, Declared
from regtune.study.definition import RegularizerUse
from regtune.study.places import placed_uses
from regtune.study.reading import Findings, below

Read = Sequence[RegularizerUse | None]
"""The entries of a study's list; one that could not be read is None."""


def refuse_duplicates(read: Read, pointer: str, findings: Findings) -> None:
    """Refuse a kind that stands in the list already."""
    first: dict[str, str] = {}
    for index, use in enumerate(read):
        if use is None:
            continue
        at = below(pointer, index)
        if use.kind in first:
            already = f"{use.kind} stands at {first[use.kind]} already; a kind appears once in a study"
            findings.refuse(below(at, "kind"), "duplicate", already)
        first.setdefault(use.kind, at)


def refuse_conflicts(read: Read, pointer: str, catalog: Catalog, findings: Findings) -> None:
    """Refuse a kind that some trial would use together with one that it conflicts with.

    Where both gates are searched none would: the space tries one of them at a time.
    """
    before: list[RegularizerUse] = []
    for index, use in enumerate(read):
        if use is None or use.gate == "off":
            continue
        for other in before:
            apart = use.gate == other.gate == "search"
            if not apart and catalog.kind(use.kind).conflicts_with(catalog.kind(other.kind)):
                at = below(below(pointer, index), "kind")
                instead = 'leave one out, or make both gates "search": a trial then uses one of them at most'
                findings.refuse(at, "conflict", f"{use.kind} cannot be used together with {other.kind}; {instead}")
        before.append(use)


def refuse_without_place(
    read: Read, pointer: str, catalog: Catalog, architecture: Declared, findings: Findings
) -> None:
    """Refuse a kind whose place the network lacks in some trial that uses it."""
    uses = [use for use in read if use is not None]
    givers = {placed.use.kind: placed.giver for placed in placed_uses(uses, catalog, architecture)}
    for index, use in enumerate(read):
        if use is None or use.gate == "off":
            continue
        at, place = below(pointer, index), catalog.kind(use.kind).place
        if use.kind not in givers:
            lack = f'{use.kind} acts at "{place}", which {architecture.kind} has not'
            remedy = _remedy(place, uses, catalog, architecture)
            findings.refuse(below(at, "kind"), "no_place", f"{lack}; {remedy}")
            continue
        giver = givers[use.kind]
        if use.gate == "on" and giver is not None and giver.gate == "search":
            why = f'{use.kind} acts at "{place}", which only trials with {giver.kind} have'
            remedy = f'make the gate of {use.kind} "search" too, or that of {giver.kind} "on"'
            findings.refuse(below(at, "gate"), "must_be_searched", f"{why}; {remedy}")


def _remedy(place: str, uses: Sequence[RegularizerUse], catalog: Catalog, architecture: Declared) -> str:
    networks = [known.kind for known in catalog.architectures if place in known.sites]
    kinds = [
        kind.kind
        for kind in catalog.kinds
        if place in kind.gives and (not kind.place or kind.place in architecture.sites)
    ]
    off = {use.kind for use in uses if use.gate == "off"}
    given = [f"{kind} would give it, and is off" if kind in off else f"{kind} gives it" for kind in kinds]
    having = [f"the networks that have it are {', '.join(networks)}"] if networks else []
    return "; ".join([*given, *having]) or "no network has it"
