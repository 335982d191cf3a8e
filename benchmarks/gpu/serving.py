"""What surrounds steps: entering and leaving lanes, other buckets, evaluation, and the memory of a lane."""

from __future__ import annotations

import statistics
import time
from unittest import mock

import torch

from benchmarks.gpu.device import Bench
from benchmarks.gpu.rates import Engines, free
from benchmarks.gpu.recorders import Counting, recorder_of
from benchmarks.gpu.sections import Figures, Until, each
from benchmarks.gpu.work import SETTING, Case
from regcore.lanes import Fit, Lanes
from regcore.lanes.engines import Engine, EngineName
from regcore.lanes.graphs import Replaying

_EPOCHS = 4
"""Of each fit. They enter at different times, so that a quarter of the lanes ends and is refilled in every epoch."""


def refilling(bench: Bench, recorder: Counting, case: Case, engine: EngineName, lanes: int) -> Figures:
    """Seconds of epochs in which nobody enters, and of epochs that begin with a quarter of the lanes refilled.

    Nothing may be recorded by a refill: `recordings_by_refills` is to be 0.
    """
    together = _lanes(bench, recorder, case, engine, lanes)
    entered, quarter = 0, max(1, lanes // _EPOCHS)
    seconds: list[float] = []
    recorded: list[int] = []
    for _ in range(3 * _EPOCHS):
        count = min(quarter, together.free)
        together.fill([Fit(str(entered + n), entered + n, _EPOCHS, SETTING) for n in range(count)])
        entered += count
        seconds.append(_epoch(bench, together))
        recorded.append(recorder.recordings)
    steady = _lanes(bench, recorder, case, engine, lanes)
    steady.fill([Fit(str(n), n, 2 * _EPOCHS, SETTING) for n in range(lanes)])
    calm = statistics.median(_epoch(bench, steady) for _ in range(2 * _EPOCHS - 1))
    refilled = statistics.median(seconds[_EPOCHS:])
    steps = len(case.split.inputs_train) // case.program().batch_size
    return {
        "lanes": lanes,
        "refilled_an_epoch": quarter,
        "steps_an_epoch": steps,
        "epoch_seconds": calm,
        "epoch_seconds_with_refill": refilled,
        "refill_in_steps": (refilled - calm) / (calm / steps),
        "recordings_by_refills": recorded[-1] - recorded[_EPOCHS - 1],
    }


def buckets(bench: Bench, recorder: Counting, case: Case, engine: EngineName, lanes: int) -> Figures:
    """Seconds of an epoch of one fit, and of the first and a later one of `lanes`, before and after coming back."""
    together = _lanes(bench, recorder, case, engine, lanes)
    found: Figures = {"lanes": lanes, "epochs": []}
    for turn, count in enumerate((1, lanes, 1, lanes)):
        fits = [Fit(f"{turn}/{n}", n, 2, SETTING) for n in range(count)]
        together.fill(fits)
        before = recorder.recordings
        first, later = _epoch(bench, together), _epoch(bench, together)
        found["epochs"].append(
            {"busy": count, "first_seconds": first, "later_seconds": later, "recordings": recorder.recordings - before}
        )
    return found


def evaluation(engines: Engines, case: Case, engine: str, lanes: int) -> Figures:
    """Seconds of an evaluation on the validation rows with all metrics of an epoch, beside those of a step."""
    step = engines.lanes(case, engine, "float32", lanes)
    fused = engines.fused(case, engine, "float32")
    rows = fused.validation_rows

    def evaluate() -> object:
        return fused.evaluation.measure(step.lanes.now, step.settings, rows, fused.evaluation.of_epoch)

    return {
        "lanes": lanes,
        "rows": len(rows.inputs),
        "evaluation_seconds": 1 / engines.bench.rate(evaluate)["median"],
        "step_seconds": 1 / engines.bench.rate(step)["median"],
    }


def memory(bench: Bench, case: Case, engine: str, counts: tuple[int, int], until: Until) -> Figures:
    """Bytes of a lane: what a step's peak grows by from one number of lanes to another, for each lane more."""
    # Engines of its own: tensors of recordings that others made would be missing.
    engines = Engines(bench, recorder_of(bench.device))
    if not bench.has_memory_counters:
        return {"left_out": f"a {bench.device.type} does not count what torch takes of its memory"}

    def measure(lanes: int) -> Figures:
        free(bench)
        torch.cuda.reset_peak_memory_stats(bench.device)
        before = torch.cuda.memory_allocated(bench.device)
        step = engines.lanes(case, engine, "float32", lanes)
        for _ in range(3):
            step()
        bench.finish()
        return {"lanes": lanes, "peak_bytes": torch.cuda.max_memory_allocated(bench.device) - before}

    few, many = each(counts, measure, until)
    found: Figures = {"parameters": engines.parameters(case), "few": few, "many": many}
    if "peak_bytes" in few and "peak_bytes" in many:
        found["bytes_per_lane"] = (many["peak_bytes"] - few["peak_bytes"]) / (many["lanes"] - few["lanes"])
    return found


def _lanes(bench: Bench, recorder: Counting, case: Case, engine: EngineName, lanes: int) -> Lanes:
    """Lanes that record with the recorder given, also where there is no GPU."""

    def replaying(found: Engine, device: torch.device) -> Engine:
        return Replaying(found, recorder)

    with mock.patch("regcore.lanes.lanes.on_device", replaying):
        return Lanes(case.program(), case.split, str(bench.device), lanes, engine)


def _epoch(bench: Bench, lanes: Lanes) -> float:
    """The seconds of one epoch of all busy lanes, entering and leaving included."""
    bench.finish()
    began = time.perf_counter()
    while lanes.advance() is None:
        pass
    bench.finish()
    return time.perf_counter() - began
