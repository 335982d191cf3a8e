"""The device that is measured: its name, its clock, and how fast it multiplies, moves and launches."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from benchmarks.gpu.recorders import Counting
from benchmarks.gpu.sections import Figures, Until
from regcore.lanes.graphs import bucket
from regcore.lanes.precision import Precision, lacking, switched

_WINDOWS = 5


@dataclass(frozen=True)
class Bench:
    """Where and how finely is measured: a device, the seconds of one window, and the side of square products."""

    device: torch.device
    window_seconds: float
    gemm_side: int
    stream_floats: int

    @property
    def has_memory_counters(self) -> bool:
        """Whether the device counts the bytes that torch takes of it."""
        return self.device.type == "cuda"

    def finish(self) -> None:
        """Waits until all that was launched is done."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)

    def rate(self, run: Callable[[], object]) -> Figures:
        """How often a second: the median of a few windows, and the slowest and the fastest; warmed up before."""
        for _ in range(3):
            run()
        self.finish()
        repeats = max(1, int(self.window_seconds / max(self._seconds(run, 2) / 2, 1e-7)))
        rates = [repeats / self._seconds(run, repeats) for _ in range(_WINDOWS)]
        return {"median": statistics.median(rates), "low": min(rates), "high": max(rates), "repeats": repeats}

    def _seconds(self, run: Callable[[], object], repeats: int) -> float:
        self.finish()
        began = time.perf_counter()
        for _ in range(repeats):
            run()
        self.finish()
        return time.perf_counter() - began


def description(device: torch.device) -> Figures:
    """The device's name and memory, as JSON values."""
    if device.type != "cuda":
        return {"name": device.type}
    properties = torch.cuda.get_device_properties(device)
    return {
        "name": properties.name,
        "memory_bytes": properties.total_memory,
        "capability": f"{properties.major}.{properties.minor}",
        "multiprocessors": properties.multi_processor_count,
        "cuda": torch.version.cuda,
    }


def calibration(bench: Bench, recorder: Counting, until: Until) -> Figures:
    """The device's own peaks, beside which all else is to be read."""
    products = {precision: _gflops(bench, precision) for precision in ("float32", "tf32", "bfloat16")}
    left, right = (torch.rand(bench.stream_floats, device=bench.device) for _ in range(2))
    out = torch.empty_like(left)
    stream = bench.rate(lambda: torch.add(left, right, out=out))["median"] * 3 * 4 * bench.stream_floats
    small = torch.zeros(bucket(1), device=bench.device)
    launches = 100

    def launch_all() -> torch.Tensor:
        for _ in range(launches):
            small.add_(1.0)
        return small

    launched = bench.rate(launch_all)["median"] * launches
    replayed = bench.rate(recorder.record(launch_all).replay)["median"] * launches
    return {
        "gemm_side": bench.gemm_side,
        "gemm_gflops": products,
        "stream_gigabytes_per_second": stream / 1e9,
        "launch_microseconds": 1e6 / launched,
        "replayed_launch_microseconds": 1e6 / replayed,
    }


def _gflops(bench: Bench, precision: Precision) -> float | None:
    if lacking(precision, bench.device) is not None:
        return None
    kind = torch.bfloat16 if precision == "bfloat16" else torch.float32
    left, right = (torch.rand(bench.gemm_side, bench.gemm_side, device=bench.device).to(kind) for _ in range(2))
    with switched(precision):
        per_second: float = bench.rate(lambda: torch.mm(left, right))["median"]
    return 2 * bench.gemm_side**3 * per_second / 1e9
