"""Checks of what a kind declares."""

from __future__ import annotations

from regcore.docstrings import documentation
from regcore.regularizers import find


def names_a_source(kind: str, inputs: str) -> None:
    """Its docstring says what it is in one sentence, and names a source."""
    doc, source, _ = documentation(find(kind))
    first = doc.split("\n\n")[0]
    if not first.endswith(".") or not source:
        raise AssertionError(f"the docstring of {kind} begins with {first!r} and names {source!r}")


def names_its_parity(kind: str, inputs: str) -> None:
    """Its docstring names the public implementation that its tests compare it with, or says how they do without."""
    parity = documentation(find(kind)).parity
    if not parity or parity == "none":
        raise AssertionError(f"the docstring of {kind} ends with no “Parity: …” that says what its tests compare with")


def stays_within_its_catalogue_entry(kind: str, inputs: str) -> None:
    """It says for what inputs it is, and documents every hyperparameter."""
    declared = find(kind)
    if inputs not in declared.inputs:
        raise AssertionError(f"{kind} is for {declared.inputs}, not for {inputs}")
    undocumented = [name for name, knob in declared.hyperparameters.items() if not knob.doc.endswith(".")]
    if undocumented:
        raise AssertionError(f"{kind} does not say in a sentence what {undocumented} are")
