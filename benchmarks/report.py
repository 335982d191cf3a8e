"""The report of a benchmark: when and where it was measured, how fast the machine was, and what came of it."""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.machine import Speed


def add_output(parser: argparse.ArgumentParser) -> None:
    """The option that says where the JSON goes."""
    parser.add_argument("--output", type=Path, default=None, help="where the JSON goes")


def report(found: Mapping[str, Any], speeds: Sequence[Speed]) -> dict[str, Any]:
    """What was found as a document, after the moment, the machine and its speeds while it was measured."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine.description(),
        "calibration": {
            "gemm_gflops": spread([speed.gemm_gflops for speed in speeds], digits=1),
            "stream_gigabytes_per_second": spread([speed.stream_gigabytes_per_second for speed in speeds], digits=1),
        },
        **found,
    }


def write(document: Mapping[str, Any], path: Path | None) -> None:
    """Writes a report where one is wanted, and says so; one that was there stays whole until the new one is."""
    if path is None:
        return
    beside = path.with_name(f"{path.name}.part")
    beside.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    beside.replace(path)
    print(f"written to {path}", flush=True)


def spread(values: Sequence[float], digits: int = 2) -> dict[str, float]:
    """The median of the values, the lowest and the highest."""
    ends = {"median": statistics.median(values), "low": min(values), "high": max(values)}
    return {name: round(value, digits) for name, value in ends.items()}


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table between empty lines."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(["", *(f"| {' | '.join(map(str, line))} |" for line in lines), ""])
