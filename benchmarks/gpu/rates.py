"""Lane-steps per second: engines, precisions, numbers of lanes and widths, beside loops that train one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import torch

from benchmarks.gpu.device import Bench
from benchmarks.gpu.loops import CarefulLoop
from benchmarks.gpu.recorders import Counting
from benchmarks.gpu.sections import Figures, Until, each
from benchmarks.gpu.work import BATCH, Case, Stepping, parameters_of
from regcore.lanes.engines import Engine, EngineName
from regcore.lanes.engines import find as find_engine
from regcore.lanes.fused import FusedProgram
from regcore.lanes.graphs import Replaying
from regcore.lanes.precision import Precision, lacking, switched

BYTES_FORMULA = "24 bytes a parameter (weight and two moments, read and written) + 4 bytes a number of the batch"
"""What a lane's step cannot do without moving; the measured stream divided by it is the memory-bandwidth limit."""


class Engines:
    """Programs ready to train, by case, engine, whether its steps are recorded, and precision; each is made once."""

    def __init__(self, bench: Bench, recorder: Counting) -> None:
        self.bench = bench
        self.recorder = recorder
        self._ready: dict[tuple[int, str, Precision], tuple[FusedProgram, Engine]] = {}

    def lanes(self, case: Case, engine: str, precision: Precision, lanes: int) -> Stepping:
        """Lanes of a case under an engine: "eager", "compiled", and each with "+graph" if its steps are recorded."""
        fused, found = self._of(case, engine, precision)
        return Stepping(fused, case.program(precision), found, lanes)

    def parameters(self, case: Case) -> int:
        """How many parameters one lane of a case has."""
        return parameters_of(self._of(case, "eager", "float32")[0])

    def fused(self, case: Case, engine: str, precision: Precision) -> FusedProgram:
        """The program itself."""
        return self._of(case, engine, precision)[0]

    def _of(self, case: Case, engine: str, precision: Precision) -> tuple[FusedProgram, Engine]:
        key = (id(case), engine, precision)
        if key not in self._ready:
            name, _, recorded = engine.partition("+")
            found = find_engine(_engine_name(name))
            if recorded:
                found = Replaying(found, self.recorder)
            fused = FusedProgram(case.program(precision), case.split, self.bench.device, found)
            fused.make_ready()
            self._ready[key] = fused, found
        return self._ready[key]


def lane_steps(engines: Engines, case: Case, cell: dict[str, Any], gigabytes_per_second: float | None) -> Figures:
    """Lane-steps per second of a cell (`engine`, `precision`, `lanes`), and what share of the limit they are."""
    why = lacking(cell["precision"], engines.bench.device)
    if why is not None:
        return {"left_out": why}
    step = engines.lanes(case, cell["engine"], cell["precision"], cell["lanes"])
    rate = engines.bench.rate(step)
    per_second = rate["median"] * cell["lanes"]
    found: Figures = {
        "lane_steps_per_second": round(per_second, 1),
        "low": round(rate["low"] * cell["lanes"], 1),
        "high": round(rate["high"] * cell["lanes"], 1),
        "step_microseconds": round(1e6 / rate["median"], 1),
    }
    if gigabytes_per_second is not None:
        moved = 24 * engines.parameters(case) + 4 * BATCH * case.split.inputs_train[0].numel()
        found["share_of_bandwidth_limit"] = round(per_second * moved / (gigabytes_per_second * 1e9), 4)
    return found


def loops(bench: Bench, recorder: Counting, cases: dict[str, Case], until: Until) -> Figures:
    """Steps per second of the careful loop, launched and captured."""

    def measure(cell: dict[str, Any]) -> Figures:
        loop = CarefulLoop(cases[cell["case"]], bench.device)
        with switched("float32"):
            rate = bench.rate(loop.captured(recorder) if cell["captured"] else loop)
        return {
            "steps_per_second": round(rate["median"], 1),
            "low": round(rate["low"], 1),
            "high": round(rate["high"], 1),
        }

    grid = [{"case": name, "captured": captured} for name in cases for captured in (False, True)]
    return {"cells": each(grid, measure, until)}


def ready(engines: Engines, cases: Sequence[Case], names: Sequence[str], until: Until) -> Figures:
    """Makes programs ready, which compiles where the engine does: how long each took."""

    def measure(cell: dict[str, Any]) -> Figures:
        before = Until(1e9)
        engines.fused(cases[cell["case"]], cell["engine"], "float32")
        return {"ready_seconds": round(1e9 - before.left, 2)}

    grid = [{"case": place, "engine": name} for name in names for place in range(len(cases))]
    return {"cells": each(grid, measure, until)}


def free(bench: Bench) -> None:
    """Gives back what torch keeps of the device's memory, so that one cell does not weigh on the next."""
    if bench.device.type == "cuda":
        torch.cuda.empty_cache()


def _engine_name(name: str) -> EngineName:
    for known in get_args(EngineName):
        if name == known:
            engine: EngineName = known
            return engine
    raise ValueError(f"there is no engine {name!r}; there are {', '.join(get_args(EngineName))}")
