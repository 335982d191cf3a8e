"""Places: which of a study's kinds find what they need in the network, and which other kind gives it to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from regcore.catalog import Catalog, Declared
from regtune.study.definition import RegularizerUse


@dataclass(frozen=True, slots=True)
class Placed:
    """A use that has its place, and the use that gives it, or None where the network has it by itself."""

    use: RegularizerUse
    giver: RegularizerUse | None = None


def placed_uses(uses: Iterable[RegularizerUse], catalog: Catalog, architecture: Declared) -> tuple[Placed, ...]:
    """The uses that are not off and have their place, in their order but each behind the one that gives it."""
    found: list[Placed] = []
    waiting = [use for use in uses if use.gate != "off"]
    while True:
        ready = [placed for use in waiting if (placed := _place(use, found, catalog, architecture)) is not None]
        if not ready:
            return tuple(found)
        found += ready
        kinds = {placed.use.kind for placed in ready}
        waiting = [use for use in waiting if use.kind not in kinds]


def _place(use: RegularizerUse, before: list[Placed], catalog: Catalog, architecture: Declared) -> Placed | None:
    place = catalog.kind(use.kind).place
    if not place or place in architecture.sites:
        return Placed(use)
    givers = [placed.use for placed in before if place in catalog.kind(placed.use.kind).gives]
    # One that is always on gives the place in every trial; of several that are searched the first stands for all.
    always = [giver for giver in givers if giver.gate == "on"]
    return Placed(use, (always or givers)[0]) if givers else None
