"""The page that lists the regularizers."""

from regcore.catalog import load
from regcore.pages import index
from regcore.pages.sites import SITES

CATALOG = load()
SECTIONS = {part.split("\n")[0]: part for part in index(CATALOG, {}).split("\n## ")[1:]}


def test_each_kind_stands_under_its_site_with_its_first_sentence() -> None:
    for kind in CATALOG.kinds:
        first = kind.doc.split("\n\n")[0].replace("\n", " ")
        assert f"| [`{kind.kind}`]({kind.kind}.md) | {first} |" in SECTIONS[SITES[kind.site].heading]


def test_sites_come_in_the_order_of_a_step() -> None:
    present = [words.heading for words in SITES.values() if words.heading in SECTIONS]
    assert [*SECTIONS][: len(present)] == present


def test_a_preset_of_every_kind_does_not_list_them() -> None:
    assert "| `all` | every regularizer |" in SECTIONS["Presets"]
