"""Measures the lane engine on a GPU: `python -m benchmarks.gpu --output gpu.json`, in less than eight minutes.

Every section has a budget of seconds, and one that fails leaves the others standing. `--smoke` runs all of it in its
smallest form on a processor, where a stand-in for CUDA graphs runs a step again instead of replaying it: its figures
say nothing about a GPU.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import torch

from benchmarks import machine
from benchmarks.gpu import device as devices
from benchmarks.gpu import serving
from benchmarks.gpu.device import Bench
from benchmarks.gpu.isolation import isolation
from benchmarks.gpu.rates import BYTES_FORMULA, Engines, free, lane_steps, loops, ready
from benchmarks.gpu.recorders import recorder_of
from benchmarks.gpu.sections import Figures, Sections, Until, each
from benchmarks.gpu.work import Case, convnet, mlp
from regcore.lanes.engines import EngineName

_SECONDS = 420.0
"""Of all sections together. The last cell of a section may run over, by the minute that compiling takes."""


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    engines: tuple[EngineName, ...]
    lanes: tuple[int, ...]
    precisions: tuple[str, ...]
    width: int
    widths: tuple[int, ...]
    many: int
    images: tuple[int, ...]
    channels: int
    rows: int
    window_seconds: float
    gemm_side: int
    stream_floats: int

    @property
    def best(self) -> EngineName:
        """The engine that the service would choose for long studies."""
        return self.engines[-1]


FULL = Size(
    engines=("eager", "compiled"),
    lanes=(1, 16, 64, 256, 1024),
    precisions=("float32", "tf32"),
    width=128,
    widths=(64, 128, 512),
    many=256,
    images=(1, 16, 64),
    channels=16,
    rows=8192,
    window_seconds=0.1,
    gemm_side=8192,
    stream_floats=2**28,
)
SMOKE = Size(
    engines=("eager",),
    lanes=(1, 3),
    precisions=("float32", "tf32"),
    width=8,
    widths=(8,),
    many=3,
    images=(2,),
    channels=2,
    rows=512,
    window_seconds=0.001,
    gemm_side=128,
    stream_floats=2**16,
)


def main(words: Sequence[str] | None = None) -> Figures:
    """Runs all sections, prints each as it ends, and gives the report, which is written where the words say."""
    options = _options(words)
    device = torch.device(options.device)
    size = SMOKE if options.smoke else FULL
    report: Figures = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine.description(),
        "device": devices.description(device),
        "smoke": options.smoke,
        "bytes_formula": BYTES_FORMULA,
        "sections": {},
    }
    bench = Bench(device, size.window_seconds, size.gemm_side, size.stream_floats)
    sections = Sections(report, _SECONDS, options.output)
    _measure(sections, report, bench, size)
    print(_table(report["sections"]))
    if options.output:
        print(f"written to {options.output}")
    return report


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--device", default=None, help="cuda or cuda:N (default: cuda, and cpu with --smoke)")
    parser.add_argument("--smoke", action="store_true", help="the smallest form, for a processor too")
    parser.add_argument("--output", type=Path, default=None, help="where the JSON goes")
    options = parser.parse_args(words)
    options.device = options.device or ("cpu" if options.smoke else "cuda")
    if torch.device(options.device).type == "cuda" and not torch.cuda.is_available():
        parser.error("torch finds no GPU here; --smoke runs on a processor")
    return options


def _measure(sections: Sections, report: Figures, bench: Bench, size: Size) -> None:
    """What matters most comes first, so that a slow device leaves out the rest."""
    recorder = recorder_of(bench.device)
    engines = Engines(bench, recorder)
    table = mlp(size.width, size.rows)
    images = convnet(size.channels, size.rows // 4)
    sections.run("calibration", 20, partial(devices.calibration, bench, recorder))
    stream = report["sections"]["calibration"].get("stream_gigabytes_per_second")
    sections.run("loops", 25, partial(loops, bench, recorder, {"mlp": table, "convnet": images}))
    sections.run("ready", 150, partial(ready, engines, [table], _named(size.engines)))

    def rates(case: Case, grid: Sequence[dict[str, Any]], until: Until) -> Figures:
        return {"cells": each(grid, lambda cell: lane_steps(engines, case, cell, stream), until)}

    for precision in size.precisions:
        grid = [
            {"engine": engine, "precision": precision, "lanes": lanes}
            for engine in reversed(_named(size.engines))
            for lanes in size.lanes
        ]
        sections.run(f"lane_steps_{precision}", 90, partial(rates, table, grid))
        free(bench)
    companies = [
        {"engine": engine, "precision": precision}
        for engine in size.engines
        for precision in (*size.precisions, "bfloat16")
    ]
    sections.run("isolation", 90, partial(isolation, bench, table, companies))
    _measure_serving(sections, engines, table, size)
    best = f"{size.best}+graph"
    for width in size.widths:
        of_width = [{"engine": engine, "precision": "float32", "lanes": size.many} for engine in (best, "eager")]
        sections.run(f"width_{width}", 40, partial(rates, mlp(width, size.rows), of_width))
        free(bench)
    for engine in reversed(size.engines):
        of_images = [{"engine": f"{engine}+graph", "precision": "float32", "lanes": lanes} for lanes in size.images]
        sections.run(f"convnet_{engine}", 100, partial(rates, images, of_images))


def _measure_serving(sections: Sections, engines: Engines, table: Case, size: Size) -> None:
    bench, recorder, engine = engines.bench, engines.recorder, size.best
    lanes = size.many
    sections.run("refilling", 40, lambda until: serving.refilling(bench, recorder, table, engine, lanes))
    sections.run("buckets", 30, lambda until: serving.buckets(bench, recorder, table, engine, lanes))
    sections.run("evaluation", 20, lambda until: serving.evaluation(engines, table, f"{engine}+graph", lanes))
    counts = (max(1, lanes // 4), lanes)
    sections.run("memory", 20, partial(serving.memory, bench, table, f"{engine}+graph", counts))


def _table(sections: Figures) -> str:
    """A Markdown table of lane-steps per second, beside the careful loop of the same run."""
    loops_found = sections.get("loops", {}).get("cells", [])
    loop = next((cell.get("steps_per_second") for cell in loops_found if cell.get("case") == "mlp"), None)
    lines = [
        "",
        "| section | engine | lanes | lane-steps/s | × careful loop | share of limit |",
        "|---|---|---|---|---|---|",
    ]
    for name, found in sections.items():
        for cell in found.get("cells", []):
            rate = cell.get("lane_steps_per_second")
            if rate is not None:
                times = f"{rate / loop:.1f}" if loop and name.startswith("lane_steps") else "–"
                share = cell.get("share_of_bandwidth_limit", "–")
                lines.append(f"| {name} | {cell['engine']} | {cell['lanes']} | {rate:,.0f} | {times} | {share} |")
    return "\n".join([*lines, ""])


def _named(engines: Sequence[EngineName]) -> list[str]:
    return [f"{engine}{recorded}" for engine in engines for recorded in ("", "+graph")]


if __name__ == "__main__":
    main()
