"""What a study may name: regularizers, networks and presets, from the catalogue."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from regcore.catalog import Declared, Kind
from regtune.nearest import suggestion
from service.api.documented import DocumentedRoute
from service.api.lists import ListOf
from service.api.problems import Problem
from service.api.surroundings import Here

router = APIRouter(tags=["catalogue"], route_class=DocumentedRoute)


@router.get("/regularizers", summary="List the regularizers", response_model=ListOf[dict[str, Any]])
def list_regularizers(here: Here) -> dict[str, Any]:
    """Every regularizer: its hyperparameters with ranges and defaults, its source, and what its tests compare with."""
    return _all([_kind(kind) for kind in here.catalog.kinds])


@router.get("/regularizers/{kind}", summary="Read a regularizer")
def read_regularizer(kind: str, here: Here) -> dict[str, Any]:
    """One regularizer."""
    names = [declared.kind for declared in here.catalog.kinds]
    if kind not in names:
        raise Problem(404, f"there is no regularizer {kind!r}; {suggestion(kind, names)}")
    return _kind(here.catalog.kind(kind))


@router.get("/architectures", summary="List the networks", response_model=ListOf[dict[str, Any]])
def list_architectures(here: Here) -> dict[str, Any]:
    """The networks that a study may name, with their fields and sites."""
    return _all([_architecture(declared) for declared in here.catalog.architectures])


@router.get("/presets", summary="List the presets", response_model=ListOf[dict[str, Any]])
def list_presets(here: Here) -> dict[str, Any]:
    """Named lists of regularizers."""
    return _all(
        [{"name": name, "regularizers": [dict(use) for use in uses]} for name, uses in here.catalog.presets.items()]
    )


def _all(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"items": items, "next_page_token": None, "total": len(items)}


def _kind(kind: Kind) -> dict[str, Any]:
    return {
        "kind": kind.kind,
        "site": kind.site,
        "doc": kind.doc,
        "source": kind.source,
        "parity": kind.parity,
        "meaning": kind.meaning,
        "inputs": list(kind.inputs),
        "tasks": list(kind.tasks),
        "place": kind.place or None,
        "gives": list(kind.gives),
        "gate_per": kind.gate_per,
        "least_batch": kind.least_batch,
        "hyperparameters": [knob.to_json() for knob in kind.hyperparameters],
        "conflicts": list(kind.conflicts),
        "overlaps": list(kind.overlaps),
    }


def _architecture(declared: Declared) -> dict[str, Any]:
    return {
        "kind": declared.kind,
        "doc": declared.doc,
        "source": declared.source,
        "inputs": list(declared.inputs),
        "sites": list(declared.sites),
        "fields": [knob.to_json() for knob in declared.hyperparameters],
    }
