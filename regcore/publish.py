"""Publishing: `python -m regcore.publish` writes what is derived from the declarations, `--check` compares.

Derived are the catalogue, `regcore/catalog.json`, and for each regularizer a page, `docs/regularizers/<kind>.md`, and
a picture, `docs/regularizers/pictures/<kind>.svg`. Pictures are the same where no number is half a pixel off: machines
differ in last digits.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from regcore import architectures, optimizers, regularizers, schedules
from regcore import hyper as declarations
from regcore.catalog import PATH, VERSION, Catalog, Declared, Kind
from regcore.costs import PATH as COSTS
from regcore.costs import costs
from regcore.data.bundled import bundled_descriptions
from regcore.docstrings import documentation
from regcore.drawing import alike
from regcore.network import Architecture
from regcore.pages import index, page
from regcore.pictures import picture
from regcore.presets import presets
from regcore.training import Training

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "regularizers"


def catalog() -> Catalog:
    """The catalogue as the classes declare it."""
    kinds = tuple(_kind(name) for name in regularizers.kinds())
    return Catalog(
        version=VERSION,
        kinds=kinds,
        architectures=tuple(_declared(name, architectures.find(name)) for name in architectures.kinds()),
        optimizers=tuple(_declared(name, optimizers.find(name)) for name in optimizers.kinds()),
        schedules=tuple(_declared(name, schedules.find(name)) for name in schedules.kinds()),
        training=tuple(Training.hyperparameters.values()),
        presets=presets(kinds),
        datasets=tuple(bundled_descriptions()),
    )


def published() -> Mapping[Path, str]:
    """Every derived file with its content."""
    present = catalog()
    document = json.dumps(present.to_json(), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    measured = costs(COSTS)
    drawn = {kind.kind: picture(kind.kind) for kind in present.kinds}
    pages = {PAGES / f"{kind.kind}.md": page(kind, measured, drawn[kind.kind].description) for kind in present.kinds}
    pictures = {PAGES / "pictures" / f"{kind}.svg": found.svg for kind, found in drawn.items()}
    return {PATH: document, PAGES / "index.md": index(present, measured), **pages, **pictures}


def stale(files: Mapping[Path, str]) -> tuple[Path, ...]:
    """The files that are missing, differ from what they should hold, or should not be there."""
    changed = [path for path, text in files.items() if not _is_fresh(path, text)]
    return tuple(sorted([*changed, *_left_over(files)]))


def write(files: Mapping[Path, str]) -> None:
    """Write every stale file, and remove the pages and pictures of kinds that are no more."""
    for path, text in files.items():
        if not _is_fresh(path, text):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for path in _left_over(files):
        path.unlink()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: 0 if all is written or fresh, 1 if the check found stale files, which it names."""
    parser = argparse.ArgumentParser(prog="python -m regcore.publish", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is stale")
    files = published()
    if not parser.parse_args(arguments).check:
        write(files)
        return 0
    for path in (found := stale(files)):
        print(f"{path.relative_to(ROOT)} is stale; run: python -m regcore.publish", file=sys.stderr)
    return 1 if found else 0


def _kind(name: str) -> Kind:
    cls = regularizers.find(name)
    documented = documentation(cls)
    return Kind(
        kind=name,
        site=cls.site,
        doc=documented.doc,
        source=documented.source,
        parity=documented.parity,
        meaning=cls.meaning,
        inputs=cls.inputs,
        tasks=cls.tasks,
        place=cls.place,
        gives=cls.gives,
        gate_per=cls.gate_per,
        least_batch=cls.least_batch,
        hyperparameters=tuple(cls.hyperparameters.values()),
        conflicts=cls.conflicts,
        overlaps=cls.overlaps,
    )


def _declared(name: str, cls: type[declarations.Declared]) -> Declared:
    doc, source, _ = documentation(cls)
    network = cls if issubclass(cls, Architecture) else Architecture
    return Declared(name, doc, source, network.accepts, tuple(cls.hyperparameters.values()), network.sites)


def _is_fresh(path: Path, text: str) -> bool:
    if not path.exists():
        return False
    present = path.read_text(encoding="utf-8")
    return alike(present, text) if path.suffix == ".svg" else present == text


def _left_over(files: Mapping[Path, str]) -> list[Path]:
    return [path for path in [*PAGES.glob("*.md"), *PAGES.glob("pictures/*.svg")] if path not in files]


if __name__ == "__main__":
    sys.exit(main())
