"""What each regularizer costs: the step of lanes that use it beside the plain step, compiled, and its graphs.

`python -m benchmarks.regularizer_cost --output FILE` measures every kind, half a minute to a minute each, and goes on
where it was when it is started again with the same file. A kind is measured at its defaults on digits, in a network of
width 128 that has its place: the multilayer perceptron, its residual form for branches, the small convolutional one for
hidden images, each beside the same network without any kind. The two take turns; what counts is the ratio of their
times. `operations` is the ratio of what they multiply. The graphs are those made for two numbers of lanes: more than
the plain network's mean that a number of lanes is compiled in, and the command then ends with 1.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Literal

import torch
from torch._dynamo.utils import counters
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import machine
from benchmarks.report import add_output, report, spread, table, write
from benchmarks.stepping import Stepping
from benchmarks.turns import in_turn
from benchmarks.workload import CLASSES, rows
from regcore.architectures.convnet import Convnet
from regcore.architectures.mlp import Mlp
from regcore.architectures.resnet_mlp import ResnetMlp
from regcore.lanes import Fit, Program
from regcore.network import Architecture
from regcore.regularizers import find, kinds
from regcore.sites import PassRule, Reparametrization
from regcore.testing.settings import fixed_of, settings_of

WIDTH = 128
LANES, OTHER_LANES = 24, 5
_CONVOLUTIONAL_LANES = 1
_EPOCHS = 1_000_000
_WARM_STEPS = 3

Class = Literal["elementwise", "product", "passes"]
ALLOWED: Mapping[Class, float | None] = {"elementwise": 1.15, "product": 2.0, "passes": None}
"""How many times the plain step each class of kinds may take; None where it takes what its passes do."""


def main(words: Sequence[str] | None = None) -> int:
    """Runs the benchmark that the words describe; 1 if a number of lanes was compiled in somewhere."""
    options = _options(words)
    torch.set_num_threads(1)
    done: list[dict[str, Any]] = []
    if options.output is not None and options.output.exists():
        done = json.loads(options.output.read_text(encoding="utf-8"))["kinds"]
    speeds = [machine.speed()]
    for kind in options.kinds or kinds():
        if kind in {found["kind"] for found in done}:
            continue
        done.append(measured(kind, options))
        speeds.append(machine.speed())
        print(_line(done[-1]), flush=True)
        write(report({"width": WIDTH, "lanes": LANES, "kinds": done}, speeds), options.output)
    print(_table(done))
    return int(any(found["graphs"] != found["plain_graphs"] for found in done))


def measured(kind: str, options: argparse.Namespace) -> dict[str, Any]:
    """What a kind costs, and of which class it is."""
    architecture = architecture_for(kind)
    lanes = _CONVOLUTIONAL_LANES if isinstance(architecture, Convnet) else options.lanes
    plain, plain_graphs = _plain(type(architecture).__name__, lanes)
    stepping, graphs = _counted(kind, architecture, lanes)
    ratios = []
    for turn in range(options.rounds):
        times = {one: _seconds(one, options.seconds) for one in in_turn([plain, stepping], turn)}
        ratios.append(times[stepping] / times[plain])
    operations = _operations(kind, architecture) / _operations(None, architecture)
    of = class_of(kind, operations)
    return {
        "kind": kind,
        "network": type(architecture).__name__,
        "ratio": spread(ratios),
        "class": of,
        "allowed": ALLOWED[of],
        "operations": round(operations, 2),
        "graphs": graphs,
        "plain_graphs": plain_graphs,
    }


def class_of(kind: str, operations: float) -> Class:
    """What a kind needs: further passes, another product or a draw for each weight, or neither."""
    if issubclass(find(kind), PassRule):
        return "passes"
    return "product" if issubclass(find(kind), Reparametrization) or operations > 1.01 else "elementwise"


def architecture_for(kind: str) -> Architecture:
    """A network of width 128 that has the kind's place."""
    for architecture in (Mlp(width=WIDTH, depth=2), ResnetMlp(width=WIDTH, depth=1), Convnet(width=16, depth=2)):
        if find(kind).place in ("", *architecture.sites):
            return architecture
    raise LookupError(f"no network here has a place for {kind}: {find(kind).place}")


def program_for(kind: str | None, architecture: Architecture) -> Program:
    """The program of one kind, or of none."""
    return Program(
        architecture=architecture,
        optimizer="adamw",
        schedule="constant",
        batch_size=128,
        kinds=() if kind is None else (kind,),
        task="classification",
        objective="accuracy",
        direction="maximize",
        outputs=CLASSES,
        fixed={} if kind is None else fixed_of(kind),
    )


def _counted(kind: str | None, architecture: Architecture, lanes: int) -> tuple[Stepping, int]:
    """Lanes of the kind that have taken a few steps, and how many graphs that many and another number took."""
    before = _graphs()
    stepping = _stepping(kind, architecture, lanes)
    if lanes != _CONVOLUTIONAL_LANES:
        _stepping(kind, architecture, OTHER_LANES)
    return stepping, _graphs() - before


def _stepping(kind: str | None, architecture: Architecture, lanes: int) -> Stepping:
    values = {} if kind is None else settings_of(kind)[0]
    fits = [Fit(str(seed), seed, _EPOCHS, values) for seed in range(lanes)]
    stepping = Stepping(program_for(kind, architecture), rows(), fits, "compiled")
    stepping.steps(_WARM_STEPS)
    return stepping


@cache
def _plain(network: str, lanes: int) -> tuple[Stepping, int]:
    plain = {"Mlp": Mlp(width=WIDTH, depth=2), "ResnetMlp": ResnetMlp(width=WIDTH, depth=1)}
    return _counted(None, plain.get(network, Convnet(width=16, depth=2)), lanes)


def _graphs() -> int:
    return Counter(counters["stats"])["unique_graphs"]


def _seconds(stepping: Stepping, least: float) -> float:
    """What a step took, in a turn of at least so many seconds."""
    steps, began = 0, time.perf_counter()
    while time.perf_counter() - began < least:
        stepping.steps(_WARM_STEPS)
        steps += _WARM_STEPS
    return (time.perf_counter() - began) / steps


def _operations(kind: str | None, architecture: Architecture) -> int:
    """What a step of two uncompiled lanes multiplies."""
    values = {} if kind is None else settings_of(kind)[0]
    stepping = Stepping(
        program_for(kind, architecture), rows(), [Fit(str(n), n, _EPOCHS, values) for n in range(2)], "eager"
    )
    with FlopCounterMode(display=False) as counter:
        stepping.steps(1)
    total: int = counter.get_total_flops()
    return total


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.regularizer_cost", description=__doc__)
    parser.add_argument("--kinds", nargs="+", choices=kinds(), help="these alone")
    parser.add_argument("--lanes", type=int, default=LANES)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.3, help="about how long a turn steps")
    add_output(parser)
    return parser.parse_args(words)


def _line(found: Mapping[str, Any]) -> str:
    return f"{found['kind']}: {found['ratio']['median']:.2f} times the plain step, {found['graphs']} graphs"


def _table(found: Sequence[Mapping[str, Any]]) -> str:
    headings = ("kind", "network", "times the plain step", "low–high", "class", "allowed", "operations", "graphs")
    lines = [
        (
            *(each["kind"], each["network"], f"{each['ratio']['median']:.2f}"),
            f"{each['ratio']['low']:.2f}–{each['ratio']['high']:.2f}",
            *(each["class"], each["allowed"] or "–", f"{each['operations']:.2f}", each["graphs"]),
        )
        for each in sorted(found, key=lambda each: statistics.fmean(each["ratio"].values()))
    ]
    return table(headings, lines)


if __name__ == "__main__":
    sys.exit(main())
