"""Pages: the reference documentation of the regularizers, in Markdown, as it follows from the catalogue."""

from __future__ import annotations

import json

from regcore.catalog import Catalog, Kind
from regcore.hyper import Hyperparameter

_NOTE = "<!-- Written by `python -m regcore.publish` from regcore/regularizers/; edit there. -->"
_SITES = {
    "loss_term": "the loss, by a term of its own",
    "activation_term": "the loss, by a term of the hidden activations",
    "activation_noise": "the hidden activations, in training only",
    "loss_rule": "how predictions and targets become a loss",
    "target_rule": "the targets, in training only",
    "batch_transform": "each training batch, before the network sees it",
    "normalization": "what a layer gives to its nonlinearity",
    "reparametrization": "the weights that a layer uses",
    "branch": "how the branches of a residual block join",
    "shortcut": "what a block of the network gives on",
    "gradient_rule": "the gradients, before the optimizer sees them",
    "weight_rule": "the weights, after each step of the optimizer",
    "weight_average": "the weights that evaluation uses",
    "pass_rule": "how often a step passes through the network",
    "stopping_rule": "when the training ends",
}


def page(kind: Kind) -> str:
    """The page of one regularizer."""
    lines = [
        f"# `{kind.kind}`",
        _NOTE,
        kind.doc,
        f"Source: {kind.source}.",
        f"It changes {_SITES[kind.site]}. {_data(kind)}",
        *_notes(kind),
        "## Hyperparameters",
        _table(kind.hyperparameters),
        "## In a study",
        f"```json\n{json.dumps(_example(kind))}\n```",
    ]
    return "\n\n".join(lines) + "\n"


def index(catalog: Catalog) -> str:
    """The page that lists all regularizers and presets."""
    rows = [f"| [`{kind.kind}`]({kind.kind}.md) | {_cell(_summary(kind.doc))} |" for kind in catalog.kinds]
    presets = [f"| `{name}` | {_preset(name, catalog)} |" for name in catalog.presets]
    return (
        "\n\n".join(
            [
                "# Regularizers",
                _NOTE,
                "\n".join(["| kind | what it does |", "|---|---|", *rows]),
                "## Presets",
                "A study may name one of these lists; what does not suit its data, task or network is left out.",
                "\n".join(["| preset | kinds |", "|---|---|", *presets]),
            ]
        )
        + "\n"
    )


def _summary(doc: str) -> str:
    return doc.split("\n\n")[0].replace("\n", " ")


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def _preset(name: str, catalog: Catalog) -> str:
    entries = catalog.presets[name]
    if len(entries) == len(catalog.kinds):
        return "every regularizer"
    return ", ".join(f"`{entry['kind']}`" for entry in entries)


def _data(kind: Kind) -> str:
    data = "For tables and images" if len(kind.inputs) > 1 else f"For {kind.inputs[0]}s only"
    return f"{data}." if len(kind.tasks) > 1 else f"{data}, in {kind.tasks[0]}."


def _notes(kind: Kind) -> list[str]:
    def named(kinds: tuple[str, ...]) -> str:
        return ", ".join(f"[`{other}`]({other}.md)" for other in kinds)

    place = [f"It acts at `{kind.place}`: the network must have that place, or another kind give it."]
    gives = [f"Networks have `{gives}` where it is used." for gives in kind.gives]
    apart = ["Trials with and without it train apart: where its gate is searched, 32 trials in a row share it."]
    conflicts = [
        f"No trial uses it together with {named(kind.conflicts)}; where both gates are searched, a study tries one of "
        "them at a time."
    ]
    overlaps = [
        f"It does the same kind of thing as {named(kind.overlaps)}; searching several of them is rarely useful."
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
        f"| `{knob.name}` | {_range(knob)} | {_value(knob.default)} | {_searched(knob)} | {_cell(knob.doc)} |"
        for knob in hyperparameters
    ]
    return "\n".join(["| name | values | default | searched by default | meaning |", "|---|---|---|---|---|", *rows])


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
