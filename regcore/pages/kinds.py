"""The page of one regularizer: what it does, where it is from, its hyperparameters, and what it costs."""

from __future__ import annotations

import json
from collections.abc import Mapping

from regcore.catalog import Kind
from regcore.costs import Cost
from regcore.hyper import Hyperparameter
from regcore.pages.costs import cost_of
from regcore.pages.marks import NOTE, document, links, table
from regcore.pages.sites import SITES


def page(kind: Kind, costs: Mapping[str, Cost], picture: str) -> str:
    """The page of one regularizer; `picture` says what is to be seen in its picture."""
    return document(
        [
            f"# `{kind.kind}`",
            NOTE,
            kind.doc,
            f"![What {kind.kind} does, as the next sentences say](pictures/{kind.kind}.svg)",
            picture,
            f"Source: {kind.source}.",
            f"Parity: {kind.parity}.",
            f"It changes {SITES[kind.site].changes}. {_data(kind)}",
            *_notes(kind),
            "## Hyperparameters",
            _table(kind.hyperparameters) if kind.hyperparameters else "It has none.",
            "## Cost",
            cost_of(kind.kind, costs),
            "## In a study",
            f"```json\n{json.dumps(_example(kind))}\n```",
        ]
    )


def _data(kind: Kind) -> str:
    data = "For tables and images" if len(kind.inputs) > 1 else f"For {kind.inputs[0]}s only"
    return f"{data}." if len(kind.tasks) > 1 else f"{data}, in {kind.tasks[0]}."


def _notes(kind: Kind) -> list[str]:
    place = [f"It acts at `{kind.place}`: the network must have that place, or another kind give it."]
    gives = [f"Networks have `{gives}` where it is used." for gives in kind.gives]
    apart = ["Trials with and without it train apart: where its gate is searched, 32 trials in a row share it."]
    conflicts = [
        f"No trial uses it together with {links(kind.conflicts)}; where both gates are searched, a study tries one of "
        "them at a time."
    ]
    overlaps = [
        f"It does the same kind of thing as {links(kind.overlaps)}; searching several of them is rarely useful."
    ]
    return [
        *(place if kind.place else []),
        *gives,
        *(apart if kind.gate_per == "program" else []),
        *(conflicts if kind.conflicts else []),
        *(overlaps if kind.overlaps else []),
    ]


def _table(hyperparameters: tuple[Hyperparameter, ...]) -> str:
    rows = [
        (f"`{knob.name}`", _range(knob), _value(knob.default), _searched(knob), knob.doc) for knob in hyperparameters
    ]
    return table(("name", "values", "default", "searched by default", "meaning"), rows)


def _range(knob: Hyperparameter) -> str:
    if knob.type == "choice":
        return ", ".join(f"`{choice}`" for choice in knob.choices)
    if knob.type == "flag":
        return "true, false"
    bounds = f"{_value(knob.low)} to {_value(knob.high)}"
    details = ["whole"] if knob.type == "integer" else []
    details += ["logarithmic"] if knob.log else []
    details += [f"off at {_value(knob.off)}"] if knob.off is not None else []
    return f"{bounds} ({', '.join(details)})" if details else bounds


def _searched(knob: Hyperparameter) -> str:
    if knob.search is None:
        return "no"
    if knob.type in ("choice", "flag"):
        return "yes"
    return " to ".join(_value(end) for end in knob.search)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, (int, float)) else f"{value}"


def _example(kind: Kind) -> dict[str, object]:
    """An entry of a study's `regularizers`: what is searched as ranges, the rest at its default."""
    entry: dict[str, object] = {"kind": kind.kind}
    for knob in kind.hyperparameters:
        if knob.search is None:
            entry[knob.name] = knob.default
        elif knob.type in ("choice", "flag"):
            entry[knob.name] = {"choices": list(knob.search)}
        else:
            entry[knob.name] = {"low": knob.search[0], "high": knob.search[1], "log": knob.log}
    return entry
