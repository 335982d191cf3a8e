"""Warnings: what a study may do, and a user would want to know before it runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from regcore.catalog import Catalog
from regtune.dataset import DatasetFacts
from regtune.study.definition import (
    AshaPruner,
    EarlyStoppingPruner,
    Knob,
    MedianPruner,
    OneOf,
    Range,
    RegularizerUse,
    StudyDefinition,
    ends,
)

_DIGITS = tuple("0123456789")


def warnings_of(
    definition: StudyDefinition, catalog: Catalog, facts: DatasetFacts, training_rows: int
) -> Iterator[str]:
    """What a user would want to know, one sentence each."""
    used = [use for use in definition.regularizers if use.gate != "off"]
    yield from _no_early_stopping(definition, used, catalog)
    yield from _never_pruned(definition)
    yield from _overlaps(used, catalog)
    yield from _large_batches(definition, training_rows)
    yield from _mirrored_digits(used, facts)
    yield from _coarse_products(definition)
    yield from (f"{facts.name}: {remark}" for remark in facts.warnings)


def _no_early_stopping(definition: StudyDefinition, used: Sequence[RegularizerUse], catalog: Catalog) -> Iterator[str]:
    rules = [use.kind for use in used if catalog.kind(use.kind).site == "stopping_rule"]
    if isinstance(definition.pruner, EarlyStoppingPruner) and not rules:
        yield (
            "the pruner early_stopping has no signal: the study names no regularizer early_stopping, "
            "so every trial trains all its epochs and none is pruned"
        )


def _never_pruned(definition: StudyDefinition) -> Iterator[str]:
    pruner, most_epochs = definition.pruner, max(ends(definition.training.epochs))
    if isinstance(pruner, AshaPruner) and pruner.min_epochs >= most_epochs:
        yield (
            f"the pruner asha cuts no trial: it first looks after {pruner.min_epochs} epochs (min_epochs), "
            f"when trials have trained all of their {most_epochs:g}"
        )
    if isinstance(pruner, MedianPruner) and pruner.warmup_epochs >= most_epochs:
        yield (
            f"the pruner median cuts no trial: it first looks after {pruner.warmup_epochs} epochs (warmup_epochs), "
            f"when trials have trained all of their {most_epochs:g}"
        )
    if isinstance(pruner, MedianPruner) and pruner.startup_trials >= definition.budget.trials:
        yield (
            f"the pruner median cuts no trial: it waits until {pruner.startup_trials} have completed "
            f"(startup_trials), and the budget is {definition.budget.trials}"
        )


def _overlaps(used: Sequence[RegularizerUse], catalog: Catalog) -> Iterator[str]:
    searched = [use.kind for use in used if use.gate == "search" or any(map(_searches, use.hyperparameters.values()))]
    together: set[str] = set()
    for kind in searched:
        overlaps = {*catalog.kind(kind).overlaps} & {*searched} - {kind}
        if overlaps:
            together |= {kind, *overlaps}
    if together:
        names = ", ".join(kind for kind in searched if kind in together)
        yield f"{names} overlap: searched together, they can stand in for one another, and none can be credited alone"


def _large_batches(definition: StudyDefinition, training_rows: int) -> Iterator[str]:
    largest = max(ends(definition.training.batch_size))
    if largest > training_rows:
        yield (
            f"a batch_size of {largest:g} is more than the {training_rows} training rows: "
            "an epoch is then one step over all of them"
        )


def _mirrored_digits(used: Sequence[RegularizerUse], facts: DatasetFacts) -> Iterator[str]:
    if facts.classes == _DIGITS and any(use.kind == "flip" for use in used):
        yield "the classes are named 0 to 9: if the images show digits, flip turns them into signs that are none"


def _coarse_products(definition: StudyDefinition) -> Iterator[str]:
    precision = definition.resources.precision
    if precision == "tf32" and definition.resources.device == "any":
        yield "only GPUs multiply in tf32: workers on a processor leave this study's trials queued"
    if precision != "float32":
        yield (
            f"products in {precision} are coarser than in float32: scores can be compared within this study, "
            "and a setting trained in another precision, or on another kind of device, takes another course"
        )


def _searches(knob: Knob) -> bool:
    return isinstance(knob, Range | OneOf)
