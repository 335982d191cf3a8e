"""Whether the engine that a worker would choose is ever slower than the careful loop: a ratio for each program.

`python -m benchmarks.choice --quick` takes some minutes. Perceptrons on a table and convolutional networks on small and
on larger images, each for a study too short to compile and for a long one; the careful loop and the chosen engines take
turns at equal work (epochs, steps, an evaluation on the validation rows after each epoch) in one thread. What counts
are the ratios of processor time within a round: above 1, our engine is the faster. Compiling is not in the time.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks import careful, machine
from benchmarks.report import add_output, report, spread, write
from benchmarks.turns import in_turn
from benchmarks.workload import CLASSES, rows
from regcore.architectures.convnet import Convnet
from regcore.architectures.mlp import Mlp
from regcore.data import Split
from regcore.lanes import Fit, Lanes, Program
from regcore.lanes.choice import choose, most_lanes, work_of
from regcore.lanes.engines import EngineName

WIDTHS = (32, 64, 128, 256, 512, 1024)
DEPTHS = (1, 2, 5, 9)
CHANNELS = (8, 16, 32)
BLOCKS = (1, 2, 3)
STUDIES = {"short": 20, "long": 1_000_000}
"""Trials of a study that never pays for compiling, and of one that always does."""
VALUES = {"dropout.rate": 0.3, "l1.strength": 1e-5, "batch_norm.momentum": 0.1}
VARIANTS = {"plain": (), "dropout_l1": ("dropout", "l1"), "batch_norm_dropout_l1": ("batch_norm", "dropout", "l1")}
_LANES = 16
_MNIST = (1, 28, 28)

Turn = Callable[[], object]


@dataclass(frozen=True)
class Cell:
    """One program of the grid: a network, what it trains on ("table", "8x8" or "28x28"), and its regularizers."""

    architecture: Mlp | Convnet
    inputs: str
    variant: str

    def program(self) -> Program:
        """The program, of batches of 128 rows."""
        kinds = VARIANTS[self.variant]
        return Program(
            self.architecture, "adamw", "constant", 128, kinds, "classification", "accuracy", "maximize", CLASSES
        )

    def values(self) -> dict[str, float]:
        """The setting that every fit of the cell trains."""
        own = {name: value for name, value in VALUES.items() if name.partition(".")[0] in VARIANTS[self.variant]}
        return {"training.optimizer.learning_rate": 1e-3, **own}


@dataclass(frozen=True)
class Chosen:
    """How a worker would train a cell in a study of some length."""

    engine: EngineName
    lanes: int
    reason: str

    def __str__(self) -> str:
        return f"{self.engine}, {self.lanes}"


def main(words: Sequence[str] | None = None) -> None:
    """Runs the benchmark that the words describe, prints its table and writes its JSON."""
    options = _options(words)
    torch.set_num_threads(1)
    before = machine.speed()
    found = []
    for cell in cells(options):
        found.append(measured(cell, split_of(cell, options.images), options))
        print("\n".join(_lines(found[-1])), flush=True)
    results = {
        "images": str(options.images.name) if options.images else "synthetic",
        "fits": options.fits,
        "epochs": options.epochs,
        "rounds": options.rounds,
        "lowest": lowest(found),
        "cells": found,
    }
    print(f"lowest: {json.dumps(results['lowest'])}")
    write(report(results, [before, machine.speed()]), options.output)


def cells(options: argparse.Namespace) -> list[Cell]:
    """The grid."""
    networks: list[tuple[Mlp | Convnet, str]] = [
        (Mlp(width=width, depth=depth), "table") for width in options.widths for depth in options.depths
    ]
    networks += [
        (Convnet(width=width, depth=depth), inputs)
        for inputs in options.inputs
        for width in options.channels
        for depth in options.blocks
    ]
    return [Cell(network, inputs, variant) for network, inputs in networks for variant in options.variants]


def split_of(cell: Cell, images: Path | None) -> Split:
    """The rows of a cell: digits as a table or as images, or images of mnist's shape, made from a seed unless given."""
    if cell.inputs != "28x28":
        return rows()
    if images is not None:
        stored = np.load(images)
        inputs = torch.from_numpy(stored["images"]).float().reshape(-1, *_MNIST) / 255
        labels = torch.from_numpy(stored["labels"]).long()
    else:
        generator = torch.Generator().manual_seed(0)
        labels = torch.randint(CLASSES, (768,), generator=generator)
        centers = torch.randn(CLASSES, *_MNIST, generator=generator)
        inputs = 0.5 * centers[labels] + torch.randn(768, *_MNIST, generator=generator)
    targets = torch.eye(CLASSES)[labels]
    names = tuple(str(label) for label in range(CLASSES))
    return Split(inputs[:512], targets[:512], inputs[512:768], targets[512:768], classes=names)


def chosen(cell: Cell, split: Split, study: str, epochs: int) -> Chosen:
    """What a worker would choose for the cell in a study of this length."""
    work = work_of(cell.program(), split, "cpu", STUDIES[study], epochs)
    choice = choose(work)
    return Chosen(choice.engine, min(_LANES, most_lanes(work, choice.engine) or _LANES), choice.reason)


def measured(cell: Cell, split: Split, options: argparse.Namespace) -> dict[str, Any]:
    """The cell's ratios to the careful loop, for each study, over the rounds: median, lowest, highest."""
    turns: dict[str, Turn] = {}
    for layout in ("careful", "careful, channels last") if cell.inputs != "table" else ("careful",):
        turns[layout] = partial(_carefully, cell, split, options, "last" in layout)
    engines = {study: chosen(cell, split, study, options.epochs) for study in options.studies}
    for engine in engines.values():
        if str(engine) not in turns:
            lanes = Lanes(cell.program(), split, lanes=engine.lanes, engine=engine.engine)
            turns[str(engine)] = partial(_in_lanes, lanes, cell, options)
    for turn in turns.values():
        turn()
    rounds = [_round(turns, number) for number in range(options.rounds)]
    loops = [name for name in turns if name.startswith("careful")]
    return {
        "network": cell.architecture.__class__.__name__.lower(),
        "width": cell.architecture.width,
        "depth": cell.architecture.depth,
        "inputs": cell.inputs,
        "variant": cell.variant,
        "studies": {
            study: {
                "engine": engine.engine,
                "lanes": engine.lanes,
                "reason": engine.reason,
                "ratios": {loop: spread([one[loop] / one[str(engine)] for one in rounds]) for loop in loops},
            }
            for study, engine in engines.items()
        },
    }


def lowest(found: Sequence[dict[str, Any]]) -> dict[str, float]:
    """The lowest median ratio of all cells, for each study and loop."""
    ratios: dict[str, list[float]] = {}
    for cell in found:
        for study, one in cell["studies"].items():
            for loop, ratio in one["ratios"].items():
                ratios.setdefault(f"{study} / {loop}", []).append(ratio["median"])
    return {pair: min(values) for pair, values in ratios.items()}


def _round(turns: dict[str, Turn], number: int) -> dict[str, float]:
    """Seconds of processor time of every contestant, each round beginning with another one."""
    seconds = {}
    for name in in_turn(list(turns), number):
        began = time.process_time()
        turns[name]()
        seconds[name] = time.process_time() - began
    return seconds


def _carefully(cell: Cell, split: Split, options: argparse.Namespace, channels_last: bool) -> None:
    for _ in range(options.fits):
        careful.train(cell.program(), split, cell.values(), options.epochs, channels_last=channels_last)


def _in_lanes(lanes: Lanes, cell: Cell, options: argparse.Namespace) -> None:
    waiting = [Fit(str(seed), seed, options.epochs, cell.values()) for seed in range(options.fits)]
    while waiting or lanes.busy:
        entering, waiting = waiting[: lanes.free], waiting[lanes.free :]
        lanes.fill(entering)
        lanes.advance()


def _lines(cell: dict[str, Any]) -> list[str]:
    """A line of a Markdown table for each study and loop."""
    network = f"{cell['network']} {cell['width']}×{cell['depth']} on {cell['inputs']}, {cell['variant']}"
    return [
        f"| {network} | {study}: {one['engine']}, {one['lanes']} | {loop} | {spread['median']:.2f}× "
        f"| {spread['low']:.2f}–{spread['high']:.2f} |"
        for study, one in cell["studies"].items()
        for loop, spread in one["ratios"].items()
    ]


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.choice", description=__doc__)
    parser.add_argument("--widths", type=int, nargs="*", default=WIDTHS, help="units of the perceptrons' layers")
    parser.add_argument("--depths", type=int, nargs="+", default=DEPTHS, help="hidden layers of the perceptrons")
    parser.add_argument("--inputs", nargs="*", choices=("8x8", "28x28"), default=("8x8", "28x28"), help="images")
    parser.add_argument("--channels", type=int, nargs="+", default=CHANNELS, help="channels of the first block")
    parser.add_argument("--blocks", type=int, nargs="+", default=BLOCKS)
    parser.add_argument("--variants", nargs="+", choices=tuple(VARIANTS), default=tuple(VARIANTS)[1:])
    parser.add_argument("--studies", nargs="+", choices=tuple(STUDIES), default=tuple(STUDIES))
    parser.add_argument("--images", type=Path, default=None, help='an NPZ of "images" and "labels" to take for 28x28')
    parser.add_argument("--fits", type=int, default=16, help="fits of each contestant in a round")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="the corners of the grid, 3 rounds, 6 epochs")
    add_output(parser)
    options = parser.parse_args(words)
    if options.quick:
        options.widths, options.depths, options.channels, options.blocks = (64, 1024), (2, 9), (8, 32), (2,)
        options.variants, options.epochs, options.rounds = ["batch_norm_dropout_l1"], 6, 3
    return options


if __name__ == "__main__":
    main()
