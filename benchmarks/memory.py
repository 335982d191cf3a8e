"""Memory a lane: what processes are seen to take, beside what `regcore.lanes.memory` says that they need.

`python -m benchmarks.memory --quick` takes about a minute. Each case trains in a process of its own, whose memory
goes back to the system as soon as it is free. Where lanes train together, what each of 16 more takes is measured; a
lane that trains alone is measured when the process has trained one before. Only Linux says what a process held at most.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from benchmarks import machine
from benchmarks.report import add_output, report, table, write
from benchmarks.workload import CLASSES, RANGES, rows
from regcore.architectures import find as find_architecture
from regcore.lanes import Fit, Lanes, Program
from regcore.lanes.engines import EngineName
from regcore.lanes.memory import need_of

FEW, MANY = 8, 24
BATCH_SIZE = 128
KINDS = ("batch_norm", "decoupled_weight_decay", "dropout", "l1")
# What is freed goes back at once, and threads share one heap: else a peak would say what was kept for later.
_MALLOC = {"MALLOC_MMAP_THRESHOLD_": "32768", "MALLOC_TRIM_THRESHOLD_": "0", "MALLOC_ARENA_MAX": "1"}


@dataclass(frozen=True)
class Case:
    """A network, and the engine that trains it."""

    architecture: str
    width: int
    depth: int
    engine: EngineName


CASES = (
    *(Case("mlp", width, 2, engine) for width in (64, 128, 256, 512) for engine in ("eager", "alone")),
    *(Case("convnet", width, 2, engine) for width in (8, 16) for engine in ("eager", "alone")),
)
QUICK = (CASES[0], CASES[1], CASES[8])


def main(words: Sequence[str] | None = None) -> None:
    """Runs the benchmark that the words describe, prints its table and writes its JSON."""
    options = _options(words)
    cases = QUICK if options.quick else CASES
    if options.compiled:
        cases = (*cases, *(Case("mlp", width, 2, "compiled") for width in (64, 128, 256, 512)))
    found = [_in_a_process(case) for case in cases]
    print(_table(found))
    write(report({"batch_size": BATCH_SIZE, "kinds": KINDS, "lanes": found}, [machine.speed()]), options.output)


def measured(case: Case) -> dict[str, Any]:
    """A case in this process: the bytes a lane by the formula and as measured."""
    torch.set_num_threads(1)
    program = _program(case)
    need = need_of(program, rows(), case.engine, torch.device("cpu"))
    # What a process keeps of its first training, such as code and threads' buffers, is no lane's.
    _peak_bytes(program, case.engine, 1)
    if case.engine == "alone":
        formula, taken = need.bytes(1), _peak_bytes(program, case.engine, 1)
    else:
        formula = (need.bytes(MANY) - need.bytes(FEW)) // (MANY - FEW)
        few, many = (_peak_bytes(program, case.engine, lanes) for lanes in (FEW, MANY))
        taken = (many - few) // (MANY - FEW)
    return {**asdict(case), "formula_bytes": formula, "measured_bytes": taken, "ratio": round(taken / formula, 3)}


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--compiled", action="store_true", help="compiled lanes too, which takes a minute more each")
    parser.add_argument("--quick", action="store_true", help="three cases only")
    add_output(parser)
    return parser.parse_args(words)


def _in_a_process(case: Case) -> dict[str, Any]:
    os.environ.update(_MALLOC)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        found = process.submit(measured, case).result()
    print(f"{case.architecture} {case.width}, {case.engine}: measured {found['ratio']:.2f} of the formula", flush=True)
    return found


def _program(case: Case) -> Program:
    return Program(
        architecture=find_architecture(case.architecture)(width=case.width, depth=case.depth),
        optimizer="adamw",
        schedule="constant",
        batch_size=BATCH_SIZE,
        kinds=KINDS,
        task="classification",
        objective="balanced_accuracy",
        direction="maximize",
        outputs=CLASSES,
    )


def _peak_bytes(program: Program, engine: EngineName, lanes: int) -> int:
    """What a process holds at most, beyond what it held before, while lanes train, are refilled, and end as one."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    before = _status("VmRSS")
    together = Lanes(program, rows(), lanes=lanes, engine=engine)
    early = lanes // 4
    waiting = [
        Fit(str(number), number, 2 if early <= number < lanes else 1, _values(number))
        for number in range(lanes + early)
    ]
    while waiting or together.busy:
        entering, waiting = waiting[: together.free], waiting[together.free :]
        together.fill(entering)
        together.advance(3600.0)
    return _status("VmHWM") - before


def _values(number: int) -> dict[str, float]:
    """Every other fit uses the kinds: what all lanes must then hold is the most that a study comes to."""
    used = {name: (low + high) / 2 for name, (low, high, _) in RANGES.items()}
    return {} if number % 2 else {**used, "training.optimizer.learning_rate": 1e-3, "batch_norm.momentum": 0.1}


def _status(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:"))


def _table(found: Sequence[dict[str, Any]]) -> str:
    """A line for each case."""
    rows_of_table = [
        (
            f"{one['architecture']} {one['width']} × {one['depth']}",
            one["engine"],
            *(f"{one[name] / 1e6:.2f}" for name in ("formula_bytes", "measured_bytes")),
            f"{one['ratio']:.2f}",
        )
        for one in found
    ]
    return table(("network", "engine", "formula, MB a lane", "measured", "ratio"), rows_of_table)


if __name__ == "__main__":
    main()
