"""A catalogue with kinds that exist in no file: for what follows from a declaration alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from regcore.catalog import Catalog, Kind, load
from regcore.hyper import Hyperparameter

RATE = Hyperparameter("rate", "real", 0.1, "A rate.", 0.0, 0.5, search=(0.0, 0.5))


def kind(name: str, **declared: Any) -> Kind:
    """A kind with one searched hyperparameter, `rate`, that any network, data and task will do for."""
    usual: dict[str, Any] = {
        "site": "loss_term",
        "doc": "Nothing: it is no method.",
        "source": "doi:10/none",
        "parity": "none; it computes nothing",
        "meaning": 1,
        "inputs": ("table", "image"),
        "tasks": ("classification", "regression"),
        "place": "",
        "gives": (),
        "gate_per": "lane",
        "least_batch": 1,
        "hyperparameters": (RATE,),
        "conflicts": (),
        "overlaps": (),
    }
    return Kind(kind=name, **{**usual, **declared})


def catalog_with(*kinds: Kind, presets: dict[str, Any] | None = None) -> Catalog:
    """This installation's catalogue and these kinds; of its networks `mlp` alone has "girder", and none "span"."""
    shipped = load()
    networks = tuple(
        replace(network, sites=("girder",) if network.kind == "mlp" else ()) for network in shipped.architectures
    )
    return replace(
        shipped,
        kinds=(*shipped.kinds, *kinds),
        architectures=networks,
        presets={**shipped.presets, **(presets or {})},
    )


SKIP = kind("skip", place="girder", gives=("span",), gate_per="program")
"""Gives a network that has girders spans between them."""

SHAKE = kind("shake", place="span")
MIX = kind("mix", conflicts=("paste", "cut"))
PASTE = kind("paste", conflicts=("cut",))
CUT = kind("cut")
"""Three of which each conflicts with each other one, declared by one of each two."""

TWICE = kind("twice", gate_per="program")
SOFTEN = kind("soften", tasks=("classification",))

ALL = (SKIP, SHAKE, MIX, PASTE, CUT, TWICE, SOFTEN)
