"""Reading the regularizers of a study: a preset's name, or a list of kinds with their knobs and gates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from regcore.catalog import Catalog, Kind
from regtune.dataset import DatasetFacts
from regtune.nearest import suggestion
from regtune.study.definition import RegularizerUse
from regtune.study.knobs import read_knobs
from regtune.study.reading import Fields, Findings, below
from regtune.study.values import shown

DEFAULT_PRESET = "recommended"

_LATER_PRESETS = ("cocktail",)
_GATES = ("on", "off", "search")


def read_regularizers(study: Fields, catalog: Catalog, facts: DatasetFacts | None) -> tuple[RegularizerUse, ...]:
    """The regularizers that a study names, in its order; those of a preset that do not suit the data are left out."""
    written = study.get("regularizers", DEFAULT_PRESET)
    pointer = study.at("regularizers")
    if isinstance(written, str):
        return _from_preset(written, pointer, catalog, facts, study.findings)
    if not isinstance(written, list | tuple):
        study.refuse(
            "regularizers", "wrong_type", f"regularizers is a list of kinds or a preset's name, got {shown(written)}"
        )
        return ()
    read: list[RegularizerUse | None] = []
    for index, entry in enumerate(written):
        if study.findings.full:
            return ()
        read.append(_read_one(entry, below(pointer, index), catalog, facts, study.findings))
    _refuse_duplicates(read, pointer, study.findings)
    _refuse_conflicts(read, pointer, catalog, study.findings)
    return tuple(use for use in read if use is not None)


def _from_preset(
    name: str, pointer: str, catalog: Catalog, facts: DatasetFacts | None, findings: Findings
) -> tuple[RegularizerUse, ...]:
    if name not in catalog.presets and name in _LATER_PRESETS:
        available = ", ".join(catalog.presets)
        findings.refuse(pointer, "not_available", f"the preset {name} is not available yet; there are {available}")
        return ()
    if name not in catalog.presets:
        findings.refuse(pointer, "unknown_name", f"{shown(name)} is no preset; {suggestion(name, catalog.presets)}")
        return ()
    suiting = [
        entry for entry in catalog.presets[name] if facts is None or _suits(catalog.kind(str(entry["kind"])), facts)
    ]
    read = [_read_one(entry, pointer, catalog, facts, findings) for entry in suiting]
    return tuple(use for use in read if use is not None)


def _read_one(
    entry: object, pointer: str, catalog: Catalog, facts: DatasetFacts | None, findings: Findings
) -> RegularizerUse | None:
    fields = Fields(entry, pointer, findings, noun="a regularizer")
    if not isinstance(entry, Mapping):
        return None
    kind = _read_kind(fields, catalog)
    if kind is None:
        return None
    if facts is not None and not _suits(kind, facts):
        fields.refuse(
            "kind",
            "not_for_tables" if facts.kind == "table" else "not_for_images",
            f"{kind.kind} works on {_plural(kind.inputs)} only, and {facts.name} is {_a(facts.kind)}",
        )
    gate = fields.one_of("gate", _GATES, "on")
    knobs = read_knobs(fields, kind.hyperparameters)
    fields.finish()
    return RegularizerUse.of(knobs, kind=kind.kind, gate=gate)


def _read_kind(fields: Fields, catalog: Catalog) -> Kind | None:
    name = fields.get("kind")
    known = [kind.kind for kind in catalog.kinds]
    if not fields.has("kind"):
        fields.refuse("kind", "missing", f"a regularizer names its kind; there are {', '.join(known)}")
        return None
    if not isinstance(name, str):
        fields.refuse("kind", "wrong_type", f"kind is the name of a regularizer, got {shown(name)}")
        return None
    if name not in known:
        fields.refuse("kind", "unknown_name", f"{shown(name)} is no regularizer; {suggestion(name, known)}")
        return None
    return catalog.kind(name)


def _refuse_duplicates(read: Sequence[RegularizerUse | None], pointer: str, findings: Findings) -> None:
    first: dict[str, str] = {}
    for index, use in enumerate(read):
        if use is None:
            continue
        at = below(pointer, index)
        if use.kind in first:
            already = f"{use.kind} stands at {first[use.kind]} already; a kind appears once in a study"
            findings.refuse(below(at, "kind"), "duplicate", already)
        first.setdefault(use.kind, at)


def _refuse_conflicts(
    read: Sequence[RegularizerUse | None], pointer: str, catalog: Catalog, findings: Findings
) -> None:
    before: list[Kind] = []
    for index, use in enumerate(read):
        if use is None or use.gate == "off":
            continue
        kind = catalog.kind(use.kind)
        for other in before:
            if other.kind in kind.conflicts or kind.kind in other.conflicts:
                at = below(below(pointer, index), "kind")
                findings.refuse(at, "conflict", f"{kind.kind} cannot be used together with {other.kind}")
        before.append(kind)


def _suits(kind: Kind, facts: DatasetFacts) -> bool:
    return facts.kind in kind.inputs


def _plural(inputs: Sequence[str]) -> str:
    return " and ".join(f"{name}s" for name in inputs)


def _a(inputs: str) -> str:
    return "a table" if inputs == "table" else "images"
