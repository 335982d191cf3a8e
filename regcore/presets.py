"""Presets: named lists of regularizers, as a study may name them instead of writing its own.

An entry reads like one of a study's `regularizers`. Kinds that only images have are left out where a study has a table.
"""

from __future__ import annotations

from collections.abc import Mapping

PRESETS: Mapping[str, tuple[Mapping[str, object], ...]] = {
    # One method of each sort that helps on most data, so that a search of some hundred trials covers it: noise, decay,
    # sparsity, normalization, and for images the augmentation that seldom changes what they mean. Early stopping is not
    # searched, because it is also what prunes trials.
    "recommended": (
        {"kind": "early_stopping"},
        {"kind": "dropout", "gate": "search"},
        {"kind": "decoupled_weight_decay", "gate": "search"},
        {"kind": "batch_norm", "gate": "search"},
        {"kind": "l1", "gate": "search"},
        {"kind": "rotation", "gate": "search"},
    ),
}
