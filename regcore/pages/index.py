"""The index: all regularizers by the site where they act, what they cost, and the presets."""

from __future__ import annotations

from collections.abc import Mapping

from regcore.catalog import Catalog, Kind
from regcore.costs import Cost
from regcore.pages.costs import table_of
from regcore.pages.marks import NOTE, document, links, table
from regcore.pages.sites import SITES


def index(catalog: Catalog, costs: Mapping[str, Cost]) -> str:
    """The page that lists all regularizers and presets."""
    presets = [(f"`{name}`", _preset(name, catalog)) for name in catalog.presets]
    return document(
        [
            "# Regularizers",
            NOTE,
            "By what they change, in the order in which a step of training comes by it.",
            *(part for site in SITES for part in _site(site, catalog.kinds)),
            "## What a step costs",
            *table_of(costs, tuple(kind.kind for kind in catalog.kinds)),
            "## Presets",
            "A study may name one of these lists; what does not suit its data, task or network is left out.",
            table(("preset", "kinds"), presets),
        ]
    )


def _site(site: str, kinds: tuple[Kind, ...]) -> list[str]:
    rows = [(links([kind.kind]), _summary(kind.doc)) for kind in kinds if kind.site == site]
    if not rows:
        return []
    words = SITES[site]
    return [f"## {words.heading}", f"They change {words.changes}.", table(("kind", "what it does"), rows)]


def _summary(doc: str) -> str:
    return doc.split("\n\n")[0].replace("\n", " ")


def _preset(name: str, catalog: Catalog) -> str:
    entries = catalog.presets[name]
    if len(entries) == len(catalog.kinds):
        return "every regularizer"
    return ", ".join(f"`{entry['kind']}`" for entry in entries)
