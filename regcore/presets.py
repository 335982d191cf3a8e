"""Presets: named lists of regularizers, as a study may name them instead of writing its own.

An entry reads like one of a study's `regularizers`. What does not suit a study's data, task or network is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from regcore.catalog import Kind

Preset = tuple[Mapping[str, object], ...]

ALWAYS_ON = "early_stopping"
"""It is searched in no preset, because it is also what prunes trials."""

_SHAPES = ("funnel", "long_funnel", "diamond", "hexagon", "brick", "triangle", "stairs")


def _between(low: float, high: float) -> Mapping[str, float]:
    return {"low": low, "high": high}


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
    # The thirteen methods and their ranges in Kadra, Lindauer, Hutter and Grabocka (2021), "Well-tuned Simple Nets
    # Excel on Tabular Datasets", arXiv:2106.11189, table 1; the radius of fgsm is that of their code, scales are the
    # catalogue's, and cutout takes neither nothing nor all. Their library could use but one of the four augmentations
    # at a time; the methods have no such limit, and here only mixup and cutmix exclude each other.
    "cocktail": (
        {"kind": "batch_norm", "gate": "search"},
        {"kind": "swa", "gate": "search"},
        {"kind": "lookahead", "gate": "search", "share": _between(0.5, 0.8), "every": _between(5, 10)},
        {"kind": "decoupled_weight_decay", "gate": "search", "strength": _between(1e-5, 0.1)},
        {"kind": "dropout", "gate": "search", "rate": _between(0.0, 0.8), "shape": {"choices": _SHAPES}},
        {"kind": "snapshot_ensemble", "gate": "search"},
        {"kind": "skip_connections", "gate": "search"},
        {"kind": "shake_drop", "gate": "search", "rate": _between(0.0, 1.0)},
        {"kind": "shake_shake", "gate": "search"},
        {"kind": "mixup", "gate": "search", "alpha": _between(0.0, 1.0)},
        {"kind": "cutmix", "gate": "search", "probability": _between(0.0, 1.0)},
        {"kind": "cutout", "gate": "search", "probability": _between(0.0, 1.0), "share": _between(0.01, 0.9)},
        {"kind": "fgsm", "gate": "search", "radius": 0.007},
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
