"""Reading the regularizers of a study: a preset's name, or a list of kinds with their knobs and gates."""

from __future__ import annotations

from collections.abc import Mapping

from regcore.catalog import Catalog, Declared, Kind
from regtune.dataset import DatasetFacts
from regtune.nearest import suggestion
from regtune.study.definition import RegularizerUse
from regtune.study.knobs import read_knobs
from regtune.study.places import placed_uses
from regtune.study.reading import Fields, Findings, below
from regtune.study.together import refuse_conflicts, refuse_duplicates, refuse_without_place
from regtune.study.values import shown

DEFAULT_PRESET = "recommended"

_GATES = ("on", "off", "search")


def read_regularizers(
    study: Fields, catalog: Catalog, facts: DatasetFacts | None, architecture: Declared
) -> tuple[RegularizerUse, ...]:
    """The regularizers that a study names, in its order; of a preset those that suit its data, task and network."""
    written = study.get("regularizers", DEFAULT_PRESET)
    pointer = study.at("regularizers")
    if isinstance(written, str):
        return _from_preset(written, study, catalog, facts, architecture)
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
    refuse_duplicates(read, pointer, study.findings)
    refuse_conflicts(read, pointer, catalog, study.findings)
    # Another network stands in for one that is wrong itself, and its places tell nothing.
    if not any(error.pointer.startswith(study.at("model")) for error in study.findings.errors):
        refuse_without_place(read, pointer, catalog, architecture, study.findings)
    return tuple(use for use in read if use is not None)


def _from_preset(
    name: str, study: Fields, catalog: Catalog, facts: DatasetFacts | None, architecture: Declared
) -> tuple[RegularizerUse, ...]:
    pointer, findings = study.at("regularizers"), study.findings
    if name not in catalog.presets:
        findings.refuse(pointer, "unknown_name", f"{shown(name)} is no preset; {suggestion(name, catalog.presets)}")
        return ()
    suiting = [
        entry for entry in catalog.presets[name] if facts is None or _suits(catalog.kind(str(entry["kind"])), facts)
    ]
    read = [_read_one(entry, pointer, catalog, facts, findings) for entry in suiting]
    uses = [use for use in read if use is not None]
    placed = {each.use.kind for each in placed_uses(uses, catalog, architecture)}
    return tuple(use for use in uses if use.kind in placed)


def _read_one(
    entry: object, pointer: str, catalog: Catalog, facts: DatasetFacts | None, findings: Findings
) -> RegularizerUse | None:
    fields = Fields(entry, pointer, findings, noun="a regularizer")
    if not isinstance(entry, Mapping):
        return None
    kind = _read_kind(fields, catalog)
    if kind is None:
        return None
    if facts is not None:
        _refuse_unsuited(kind, facts, fields)
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


def _suits(kind: Kind, facts: DatasetFacts) -> bool:
    return facts.kind in kind.inputs and facts.task in kind.tasks


def _refuse_unsuited(kind: Kind, facts: DatasetFacts, fields: Fields) -> None:
    if facts.kind not in kind.inputs:
        code = "not_for_tables" if facts.kind == "table" else "not_for_images"
        works_on = " and ".join(f"{name}s" for name in kind.inputs)
        got = "a table" if facts.kind == "table" else "images"
        fields.refuse("kind", code, f"{kind.kind} works on {works_on} only, and {facts.name} is {got}")
    if facts.task not in kind.tasks:
        meant = " and ".join(kind.tasks)
        refusal = f"{kind.kind} is meant for {meant} only, and the task of {facts.name} is {facts.task}"
        fields.refuse("kind", f"not_for_{facts.task}", refusal)
