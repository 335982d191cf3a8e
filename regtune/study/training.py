"""Reading a study's network and its training: kinds from the catalogue, and numbers that may be searched."""

from __future__ import annotations

from collections.abc import Sequence

from regcore.catalog import Catalog, Declared
from regtune.dataset import DatasetFacts
from regtune.nearest import suggestion
from regtune.study.definition import Chosen, Training
from regtune.study.knobs import read_knobs
from regtune.study.reading import Fields
from regtune.study.values import shown

DEFAULT_ARCHITECTURE = "mlp"
DEFAULT_OPTIMIZER = "adamw"
DEFAULT_SCHEDULE = "constant"


def read_model(study: Fields, catalog: Catalog, facts: DatasetFacts | None) -> tuple[Chosen, Declared]:
    """The network, and its declaration."""
    chosen, declared = _read_chosen(study, "model", catalog.architectures, DEFAULT_ARCHITECTURE)
    if facts is not None and facts.kind not in declared.inputs:
        code = "not_for_tables" if facts.kind == "table" else "not_for_images"
        study.findings.refuse(
            f"{study.at('model')}/kind", code, f"{declared.kind} does not accept a {facts.kind}, as {facts.name} is"
        )
    return chosen, declared


def read_training(study: Fields, catalog: Catalog) -> tuple[Training, Declared, Declared]:
    """How the study trains, and the declarations of its schedule and its optimizer."""
    fields = Fields(study.get("training", {}), study.at("training"), study.findings, noun="training")
    knobs = read_knobs(fields, catalog.training)
    schedule, declared_schedule = _read_chosen(fields, "schedule", catalog.schedules, DEFAULT_SCHEDULE)
    optimizer, declared_optimizer = _read_chosen(fields, "optimizer", catalog.optimizers, DEFAULT_OPTIMIZER)
    fields.finish()
    training = Training(epochs=knobs["epochs"], batch_size=knobs["batch_size"], schedule=schedule, optimizer=optimizer)
    return training, declared_schedule, declared_optimizer


def _read_chosen(parent: Fields, key: str, known: Sequence[Declared], default: str) -> tuple[Chosen, Declared]:
    fields = Fields(parent.get(key, {"kind": default}), parent.at(key), parent.findings, noun=f'"{key}"')
    by_kind = {declared.kind: declared for declared in known}
    kind = fields.get("kind", default)
    if isinstance(kind, str) and kind in by_kind:
        knobs = read_knobs(fields, by_kind[kind].hyperparameters)
        fields.finish()
        return Chosen.of(knobs, kind=kind), by_kind[kind]
    if isinstance(kind, str):
        fields.refuse("kind", "unknown_name", f"{shown(kind)} is no {key}; {suggestion(kind, by_kind)}")
    else:
        fields.refuse("kind", "wrong_type", f"kind is the name of one {key}, got {shown(kind)}")
    return Chosen.of({}, kind=default), by_kind[default]
