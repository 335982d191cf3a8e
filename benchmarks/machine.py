"""The machine that a benchmark ran on: what it is, and how fast it was while the benchmark ran."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

PACKAGES = ("regtune", "torch", "numpy", "optuna", "scikit-learn", "scipy", "sqlalchemy", "celery")
GEMM_SIDE = 1024
STREAM_FLOATS = 16 * 2**20
_REPEATS = 5


def description() -> dict[str, object]:
    """Processor, cores, system and versions, as JSON values."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "load_average_1_minute": round(os.getloadavg()[0], 2),
        "versions": {name: importlib.metadata.version(name) for name in PACKAGES},
    }


@dataclass(frozen=True)
class Speed:
    """How fast one core was at a moment, in GF/s of a matrix product and in GB/s of additions."""

    gemm_gflops: float
    stream_gigabytes_per_second: float


def speed() -> Speed:
    """How fast one core is now."""
    return Speed(gemm_gflops(), stream_gigabytes_per_second())


def gemm_gflops() -> float:
    """What one core multiplies: GF/s of a square float32 product, the best of a few."""
    left, right = torch.rand(GEMM_SIDE, GEMM_SIDE), torch.rand(GEMM_SIDE, GEMM_SIDE)
    return 2 * GEMM_SIDE**3 / _best_seconds(lambda: torch.mm(left, right)) / 1e9


def stream_gigabytes_per_second() -> float:
    """What one core moves: GB/s of adding two float32 arrays that no cache holds, the best of a few."""
    left, right = torch.rand(STREAM_FLOATS), torch.rand(STREAM_FLOATS)
    out = torch.empty(STREAM_FLOATS)
    return 3 * 4 * STREAM_FLOATS / _best_seconds(lambda: torch.add(left, right, out=out)) / 1e9


def _best_seconds(work: Callable[[], object]) -> float:
    work()
    found = []
    for _ in range(_REPEATS):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return min(found)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"
