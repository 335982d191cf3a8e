"""Isolation on a device: a fit alone, in company and in another bucket, and beside one that diverges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.gpu.device import Bench
from benchmarks.gpu.sections import Figures, Until, each
from benchmarks.gpu.work import SETTING, Case
from regcore.lanes import Fit, Lanes
from regcore.lanes.engines import EngineName
from regcore.lanes.precision import Precision, lacking

PROMISED = 1e-6
_LEARNING_RATE = "training.optimizer.learning_rate"
_WATCHED = 2
Losses = dict[str, list[float]]


def isolation(bench: Bench, case: Case, cells: Sequence[dict[str, Any]], until: Until) -> Figures:
    """By how much the losses of two fits differ between companies; each cell names `engine` and `precision`.

    Companies: two fits (the smallest bucket), eight (another bucket), thirty (another again), the eight in reverse,
    and the eight beside one that diverges, in whose place a calm one trains for comparison: to the bit.
    """

    def measure(cell: dict[str, Any]) -> Figures:
        precision: Precision = cell["precision"]
        why = lacking(precision, bench.device)
        if why is not None:
            return {"left_out": why}

        def trained(fits: Sequence[Fit]) -> Losses:
            return _losses(bench, case, cell["engine"], precision, fits)

        two, eight = _fits(_WATCHED), _fits(8)
        alone, together = trained(two), trained(eight)
        wild = [*eight[:-1], Fit("7", 7, eight[7].epochs, {**SETTING, _LEARNING_RATE: 1e30, "l1.strength": 1e30})]
        return {
            "alone_and_in_company": _difference(alone, together),
            "company_and_another_bucket": _difference(together, trained(_fits(30))),
            "order_reversed": _difference(together, trained(eight[::-1])),
            "beside_one_that_diverges_equal_to_the_bit": _watched(trained(wild)) == _watched(together),
            "promised": PROMISED,
        }

    return {"cells": each(cells, measure, until)}


def _fits(count: int) -> list[Fit]:
    return [Fit(str(n), n, 2, {**SETTING, _LEARNING_RATE: 1e-3 * (1 + n / 10)}) for n in range(count)]


def _losses(bench: Bench, case: Case, engine: EngineName, precision: Precision, fits: Sequence[Fit]) -> Losses:
    lanes = Lanes(case.program(precision), case.split, str(bench.device), len(fits), engine)
    lanes.fill(fits)
    found: Losses = {fit.key: [] for fit in fits}
    while lanes.busy:
        tick = lanes.advance()
        for epoch in tick.epochs if tick else ():
            found[epoch.key] += [epoch.train_loss, epoch.validation_loss]
    return found


def _watched(losses: Losses) -> list[list[float]]:
    return [losses[str(number)] for number in range(_WATCHED)]


def _difference(some: Losses, others: Losses) -> float:
    """The largest difference of a watched fit's losses, as a share of the loss."""
    return max(
        abs(one - other) / abs(other)
        for ours, theirs in zip(_watched(some), _watched(others), strict=True)
        for one, other in zip(ours, theirs, strict=True)
    )
