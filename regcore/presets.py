"""Presets: named lists of regularizers, as a study may name them instead of writing its own.

An entry reads like one of a study's `regularizers`. What does not suit a study's data, task or network is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from regcore.catalog import Kind

Preset = tuple[Mapping[str, object], ...]

ALWAYS_ON = "early_stopping"
"""It is searched in no preset, because it is also what prunes trials."""

WRITTEN: Mapping[str, Preset] = {
    # One method of each sort that helps on most data, so that a search of some hundred trials covers it: noise, decay,
    # sparsity, normalization, softer targets, for residual networks skipped branches, and for images the augmentation
    # that seldom changes what they mean. Dropout is searched as far as networks of usual width bear it.
    "recommended": (
        {"kind": ALWAYS_ON},
        {"kind": "dropout", "gate": "search", "rate": {"low": 0.0, "high": 0.6}},
        {"kind": "decoupled_weight_decay", "gate": "search"},
        {"kind": "batch_norm", "gate": "search"},
        {"kind": "l1", "gate": "search"},
        {"kind": "label_smoothing", "gate": "search"},
        {"kind": "drop_path", "gate": "search"},
        {"kind": "rotation", "gate": "search"},
    ),
}


def presets(kinds: Sequence[Kind]) -> Mapping[str, Preset]:
    """Every preset: those that are written here, and `all`, which follows from the kinds that there are."""
    return {**WRITTEN, "all": _all(kinds)}


def _all(kinds: Sequence[Kind]) -> Preset:
    """Every kind with its gate searched, so that kinds that conflict are tried one at a time."""
    always = [kind for kind in kinds if kind.kind == ALWAYS_ON]
    return tuple(
        {"kind": kind.kind} if kind in always else {"kind": kind.kind, "gate": "search"}
        for kind in kinds
        if not any(kind.conflicts_with(other) for other in always)
    )
