"""The roofline: which share of what one core can multiply, or move, a training step reaches.

`python -m benchmarks.roofline --quick` takes a minute or two. Steps alone are timed, without evaluation, for each
engine at the number of lanes that the choice of an engine gives it. A lane's step of batch B, with W weights in its
layers, the first of which has W₁ of them, and P parameters in all:

- floating-point operations: 2·B·(3·W − W₁), those of the matrix products: forward, gradient of the weights, and
  gradient of the layers' inputs, which the first layer needs not;
- bytes: 24·P + 4·B·(inputs + classes), the least that must move where no cache holds the lanes: weights and both of
  AdamW's moments read and written once, in float32, and the batch read.

The limit is the longer of the two times, at the core's own product of large matrices and its own stream of additions,
which are measured in the same rounds. Where a cache holds the lanes, bytes are no limit; their share may be above 1.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch

from benchmarks import machine
from benchmarks.loops import DECAY, DROPOUT, L1, LEARNING_RATE
from benchmarks.machine import Speed
from benchmarks.report import add_output, report, spread, table, write
from benchmarks.stepping import Stepping
from benchmarks.turns import in_turn
from benchmarks.workload import CLASSES, Workload, program_of, rows
from regcore.lanes import Fit
from regcore.lanes.choice import most_lanes, work_of
from regcore.lanes.engines import EngineName

WIDTHS = (64, 128, 256, 512)
ENGINES: tuple[EngineName, ...] = ("compiled", "eager", "alone")
VALUES = {LEARNING_RATE: 1e-3, DROPOUT: 0.2, L1: 1e-5, DECAY: 1e-2}
_WARM_STEPS = 3
_EPOCHS = 1_000_000


@dataclass(frozen=True)
class Cell:
    """One width and engine, and how many lanes it trains at once."""

    width: int
    engine: EngineName
    lanes: int


@dataclass(frozen=True)
class Turn:
    """What a lane's step took of the core in one turn, and how fast the core was beside it."""

    cell: Cell
    microseconds: float
    speed: Speed


def main(words: Sequence[str] | None = None) -> None:
    """Runs the benchmark that the words describe, prints its table and writes its JSON."""
    options = _options(words)
    torch.set_num_threads(1)
    cells = {cell: _stepping(cell, options) for cell in _cells(options)}
    found: list[Turn] = []
    for number in range(options.rounds):
        found += [
            Turn(cell, _microseconds(cells[cell], cell.lanes, options.seconds), machine.speed())
            for cell in in_turn(list(cells), number)
        ]
        print(f"round {number + 1} of {options.rounds}", flush=True)
    summaries = [_summary(cell, [turn for turn in found if turn.cell == cell], options) for cell in cells]
    print(_table(summaries))
    results = {
        "batch_size": options.batch_size,
        "depth": options.depth,
        "cells": summaries,
        "turns": [asdict(turn) for turn in found],
    }
    write(report(results, [turn.speed for turn in found]), options.output)


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.roofline", description=__doc__)
    parser.add_argument("--widths", type=int, nargs="+", default=WIDTHS, help="units of the hidden layers")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=ENGINES)
    parser.add_argument("--depth", type=int, default=2, help="hidden layers")
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--lanes", type=int, default=32, help="lanes where the choice of an engine names no fewer")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.0, help="about how long a turn steps")
    parser.add_argument("--quick", action="store_true", help="widths 64 and 256, 3 rounds")
    add_output(parser)
    options = parser.parse_args(words)
    if options.quick:
        options.widths, options.rounds = (64, 256), min(options.rounds, 3)
    return options


def _workload(width: int, options: argparse.Namespace) -> Workload:
    return Workload(width, options.depth, epochs=1, batch_size=options.batch_size, trials=1, lanes=options.lanes)


def _cells(options: argparse.Namespace) -> list[Cell]:
    cells = []
    for width in options.widths:
        work = work_of(program_of(_workload(width, options)), rows(), "cpu", fits=1, epochs=1)
        cells += [
            Cell(width, engine, min(options.lanes, most_lanes(work, engine) or options.lanes))
            for engine in options.engines
        ]
    return cells


def _stepping(cell: Cell, options: argparse.Namespace) -> Stepping:
    fits = [Fit(str(seed), seed, _EPOCHS, VALUES) for seed in range(cell.lanes)]
    stepping = Stepping(program_of(_workload(cell.width, options)), rows(), fits, cell.engine)
    stepping.steps(_WARM_STEPS)
    return stepping


def _microseconds(stepping: Stepping, lanes: int, seconds: float) -> float:
    """What one lane's step took, in a turn that goes on until the seconds have passed."""
    steps, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        stepping.steps(_WARM_STEPS)
        steps += _WARM_STEPS
    return 1e6 * (time.perf_counter() - began) / steps / lanes


def _operations(width: int, options: argparse.Namespace) -> float:
    first = rows().inputs_train[0].numel() * width
    weights = first + (options.depth - 1) * width**2 + width * CLASSES
    return float(2 * options.batch_size * (3 * weights - first))


def _bytes(width: int, options: argparse.Namespace) -> float:
    inputs = rows().inputs_train[0].numel()
    parameters = (inputs + 1) * width + (options.depth - 1) * (width + 1) * width + (width + 1) * CLASSES
    return float(24 * parameters + 4 * options.batch_size * (inputs + CLASSES))


def _summary(cell: Cell, turns: Sequence[Turn], options: argparse.Namespace) -> dict[str, Any]:
    """Shares of the core's peaks, each turn's step divided by the speed measured beside it."""
    operations, moved = _operations(cell.width, options), _bytes(cell.width, options)
    multiplying = [operations / turn.speed.gemm_gflops / 1e3 for turn in turns]
    moving = [moved / turn.speed.stream_gigabytes_per_second / 1e3 for turn in turns]
    taken = [turn.microseconds for turn in turns]
    return {
        **asdict(cell),
        "floating_point_operations": operations,
        "bytes": moved,
        "microseconds": spread(taken, digits=1),
        "share_of_gemm_peak": _shares(multiplying, taken),
        "share_of_stream_peak": _shares(moving, taken),
        "limit": "gemm" if statistics.median(multiplying) >= statistics.median(moving) else "stream",
    }


def _shares(least: Sequence[float], taken: Sequence[float]) -> dict[str, float]:
    return spread([one / other for one, other in zip(least, taken, strict=True)], digits=3)


def _table(summaries: Sequence[dict[str, Any]]) -> str:
    headings = (
        "width",
        "engine",
        "lanes",
        "µs a lane-step",
        "share of GEMM peak",
        "low–high",
        "of stream peak",
        "limit",
    )
    lines = [
        (
            *(each["width"], each["engine"], each["lanes"], f"{each['microseconds']['median']:.0f}"),
            f"{each['share_of_gemm_peak']['median']:.0%}",
            f"{each['share_of_gemm_peak']['low']:.0%}–{each['share_of_gemm_peak']['high']:.0%}",
            *(f"{each['share_of_stream_peak']['median']:.0%}", each["limit"]),
        )
        for each in summaries
    ]
    return table(headings, lines)


if __name__ == "__main__":
    main()
