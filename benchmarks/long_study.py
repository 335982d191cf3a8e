"""A long study through the whole service: how fast it is, how much of it is training, and whether memory stays flat.

`python -m benchmarks.long_study` takes some minutes. A study of 5,000 trials of digits-table is posted to `regtune up`;
while it runs, the resident memory of every process of the service is read once a second. The share outside of the
step is what is left of the workers' wall time when the time in which their lanes trained and were evaluated is taken
off: claims, writes, suggestions that came late, starting and ending.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx2

from benchmarks import machine, whole_service

_SAMPLE_SECONDS = 1.0
_KILOBYTE = 1024


@dataclass(frozen=True)
class Sample:
    """The service at one moment: trials that ended, and resident bytes by process ("worker-1", …)."""

    seconds: float
    ended: int
    resident: Mapping[str, int]


def main(words: Sequence[str] | None = None) -> None:
    """Runs the benchmark that the words describe, prints what it found and writes its JSON."""
    options = _options(words)
    with (
        tempfile.TemporaryDirectory() as folder,
        whole_service.running_service(Path(folder) / "data", options.cores, options.lanes) as url,
        httpx2.Client(base_url=f"{url}/api/v1", timeout=60) as client,
    ):
        _followed(client, _study(options, trials=options.cores * options.lanes, name="warm"))
        study, samples = _followed(client, _study(options, trials=options.trials, name="long"))
    report = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine.description(),
        "calibration": {"gemm_gflops": round(machine.gemm_gflops(), 1)},
        "options": {"trials": options.trials, "cores": options.cores, "lanes": options.lanes, "epochs": options.epochs},
        **_found(study, samples, options.cores),
        "samples": [asdict(sample) for sample in samples[:: max(1, len(samples) // 100)]],
    }
    print(_table(report))
    if options.output:
        options.output.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        print(f"written to {options.output}")


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.long_study", description=__doc__)
    parser.add_argument("--trials", type=int, default=5000)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--cores", type=int, default=2, help="workers, one thread each")
    parser.add_argument("--lanes", type=int, default=16, help="fits that a worker trains at once")
    parser.add_argument("--output", type=Path, default=None, help="where the JSON goes")
    return parser.parse_args(words)


def _study(options: argparse.Namespace, trials: int, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "dataset": "digits-table",
        "model": {"kind": "mlp", "width": 64, "depth": 2},
        "training": {
            "epochs": options.epochs,
            "batch_size": 128,
            "optimizer": {"kind": "adamw", "learning_rate": {"low": 1e-4, "high": 1e-2, "log": True}},
        },
        "regularizers": [
            {"kind": "dropout", "gate": "search"},
            {"kind": "l1", "gate": "search"},
            {"kind": "batch_norm", "gate": "search"},
            {"kind": "decoupled_weight_decay"},
            {"kind": "early_stopping", "patience": 5},
        ],
        "budget": {"trials": trials, "failed_trials": None},
    }


def _followed(client: httpx2.Client, definition: dict[str, Any]) -> tuple[dict[str, Any], list[Sample]]:
    """The study when it has ended, and a sample for each second until then."""
    began = time.monotonic()
    study = client.post("/studies", json=definition).raise_for_status().json()
    samples = []
    while study["state"] not in ("completed", "stopped", "failed"):
        time.sleep(_SAMPLE_SECONDS)
        study = client.get(f"/studies/{study['id']}").raise_for_status().json()
        progress = study["progress"]
        ended = sum(progress[state] for state in ("completed", "pruned", "failed"))
        samples.append(Sample(round(time.monotonic() - began, 1), ended, resident_bytes()))
    if study["state"] != "completed":
        raise RuntimeError(f"the study ended {study['state']}: {study['stop_reason']}")
    return {**study, "seconds": time.monotonic() - began}, samples


def resident_bytes() -> dict[str, int]:
    """Resident bytes of the descendants of this process, by what they run and their number."""
    parents, names = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                names[int(entry.name)] = (entry / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue  # it ended meanwhile
    mine, found = {_own_number()}, {}
    while grown := {number for number, parent in parents.items() if parent in mine} - mine:
        mine |= grown
    for number in sorted(mine - {_own_number()}):
        try:
            pages = (Path("/proc") / str(number) / "status").read_text()
        except OSError:
            continue
        kilobytes = [line.split()[1] for line in pages.splitlines() if line.startswith("VmRSS:")]
        if kilobytes:
            found[f"{_part(names[number])} {number}"] = int(kilobytes[0]) * _KILOBYTE
    return found


def _own_number() -> int:
    return int(Path("/proc/self").resolve().name)


def _part(command: str) -> str:
    """Which part of the service a command is."""
    for name in ("coordinator", "worker", "api", "valkey", "spawn_main"):
        if name in command:
            return "training process" if name == "spawn_main" else name
    return "supervisor"


def _found(study: dict[str, Any], samples: Sequence[Sample], cores: int) -> dict[str, Any]:
    progress, seconds = study["progress"], study["seconds"]
    training = progress["device_seconds"]
    return {
        "seconds": round(seconds, 1),
        "trials_per_second": round(study["budget"]["trials"] / seconds, 2),
        "epochs_run": progress["epochs_run"],
        "share_outside_of_the_step": round(1 - training / (cores * seconds), 4),
        "trials_per_second_by_quarter": _rates(samples),
        "memory": _growth(samples),
    }


def _rates(samples: Sequence[Sample]) -> list[float]:
    """Trials that ended a second, in each quarter of the study's time."""
    cuts = [samples[min(len(samples) - 1, round(quarter * (len(samples) - 1) / 4))] for quarter in range(5)]
    return [round((b.ended - a.ended) / max(b.seconds - a.seconds, 1e-9), 2) for a, b in pairwise(cuts)]


def _growth(samples: Sequence[Sample]) -> dict[str, dict[str, float]]:
    """Megabytes of each process in the third and in the last quarter (medians), and the growth between them."""
    half, three_quarters = len(samples) // 2, 3 * len(samples) // 4
    found = {}
    for name in samples[-1].resident:
        third, last = (
            statistics.median(sample.resident[name] for sample in part if name in sample.resident) / 1e6
            if any(name in sample.resident for sample in part)
            else 0.0
            for part in (samples[half:three_quarters], samples[three_quarters:])
        )
        growth = last / third - 1 if third else 0.0
        found[name] = {"third_quarter": round(third, 1), "last_quarter": round(last, 1), "growth": round(growth, 4)}
    return found


def _table(report: dict[str, Any]) -> str:
    lines = [
        f"{report['options']['trials']} trials in {report['seconds']:.0f} s: {report['trials_per_second']} a second,"
        f" by quarter {report['trials_per_second_by_quarter']}",
        f"share of the workers' time outside of the step: {report['share_outside_of_the_step']:.1%}",
        "",
        "| process | third quarter, MB | last quarter, MB | growth |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {name.rpartition(' ')[0]} | {row['third_quarter']} | {row['last_quarter']} | {row['growth']:+.1%} |"
        for name, row in report["memory"].items()
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
