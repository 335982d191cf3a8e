"""A long study through the whole service: how fast it is, how much of it is training, and whether memory stays flat.

`python -m benchmarks.long_study` takes some minutes. A study of 5,000 trials of digits-table is posted to `regtune up`;
while it runs, the resident memory of every process of the service is read once a second. The share outside of the
step is what is left of the workers' wall time when the time in which their lanes trained and were evaluated is taken
off: claims, writes and suggestions that came late. Loading and compiling, until the first trial has ended, are given by
themselves.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx2

from benchmarks import machine, whole_service
from benchmarks.report import add_output, report, table, write
from benchmarks.resident import resident_bytes

_SAMPLE_SECONDS = 1.0
_SAMPLES_KEPT = 100


@dataclass(frozen=True)
class Sample:
    """The service at one moment: trials that ended, seconds trained, and resident bytes by process ("worker 4711")."""

    seconds: float
    ended: int
    device_seconds: float
    resident: Mapping[str, int]


def main(words: Sequence[str] | None = None) -> None:
    """Runs the benchmark that the words describe, prints what it found and writes its JSON."""
    options = _options(words)
    before = machine.speed()
    with (
        tempfile.TemporaryDirectory() as folder,
        whole_service.running_service(Path(folder) / "data", options.cores, options.lanes) as url,
    ):
        whole_service.warm_up(url, options.cores, options.lanes)
        study, samples = _followed(url, study_of(options.trials, options.epochs))
    found = {
        "options": {name: getattr(options, name) for name in ("trials", "epochs", "cores", "lanes")},
        **what_was_found(study, samples, options.cores),
        "samples": [asdict(sample) for sample in samples[:: -(-len(samples) // _SAMPLES_KEPT)]],
    }
    print(_shown(found))
    write(report(found, [before, machine.speed()]), options.output)


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.long_study", description=__doc__)
    parser.add_argument("--trials", type=int, default=5000)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--cores", type=int, default=2, help="workers, one thread each")
    parser.add_argument("--lanes", type=int, default=16, help="fits that a worker trains at once")
    add_output(parser)
    return parser.parse_args(words)


def study_of(trials: int, epochs: int) -> dict[str, Any]:
    """A study as users write them: four regularizers, three of which it may leave out, and early stopping."""
    return {
        "name": "long",
        "dataset": "digits-table",
        "model": {"kind": "mlp", "width": 64, "depth": 2},
        "training": {
            "epochs": epochs,
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


def _followed(url: str, document: Mapping[str, Any]) -> tuple[dict[str, Any], list[Sample]]:
    """The study when it is completed, and a sample for each second until then."""
    with httpx2.Client(base_url=f"{url}/api/v1", timeout=60) as client:
        began = time.monotonic()
        study = client.post("/studies", json=document).raise_for_status().json()
        samples = []
        while study["state"] not in whole_service.ENDED:
            time.sleep(_SAMPLE_SECONDS)
            study = client.get(f"/studies/{study['id']}").raise_for_status().json()
            progress = study["progress"]
            ended = sum(progress[state] for state in ("completed", "pruned", "failed"))
            seconds = round(time.monotonic() - began, 1)
            samples.append(Sample(seconds, ended, round(progress["device_seconds"], 1), resident_bytes()))
    if study["state"] != "completed":
        raise RuntimeError(f"the study ended {study['state']}: {study['stop_reason']}")
    return study, samples


def what_was_found(study: Mapping[str, Any], samples: Sequence[Sample], cores: int) -> dict[str, Any]:
    """Rates, the share outside of the step, and each process's memory in the second half of the study."""
    first, last = next(sample for sample in samples if sample.ended), samples[-1]
    trained, passed = last.device_seconds - first.device_seconds, last.seconds - first.seconds
    return {
        "seconds": last.seconds,
        "seconds_until_the_first_end": first.seconds,
        "trials_per_second": round(last.ended / last.seconds, 2),
        "trials_per_second_by_quarter": _rates(samples),
        "epochs_run": study["progress"]["epochs_run"],
        "share_outside_of_the_step": round(1 - trained / (cores * passed), 4),
        "memory": [_growth(process, samples) for process in last.resident],
    }


def _rates(samples: Sequence[Sample]) -> list[float]:
    """Trials that ended a second, in each quarter of the study's time."""
    ends = [samples[quarter * (len(samples) - 1) // 4] for quarter in range(5)]
    return [round((b.ended - a.ended) / max(b.seconds - a.seconds, _SAMPLE_SECONDS), 2) for a, b in pairwise(ends)]


def _growth(process: str, samples: Sequence[Sample]) -> dict[str, Any]:
    """Median megabytes of a process in the third and in the last quarter, and the growth between them."""
    half, three_quarters = len(samples) // 2, 3 * len(samples) // 4
    third, last = (
        statistics.median(sample.resident.get(process, 0) for sample in quarter) / 1e6
        for quarter in (samples[half:three_quarters] or samples, samples[three_quarters:])
    )
    return {
        "process": process,
        "third_quarter_megabytes": round(third, 1),
        "last_quarter_megabytes": round(last, 1),
        "growth": round(last / third - 1, 4) if third else None,
    }


def _shown(found: Mapping[str, Any]) -> str:
    rates = ", ".join(map(str, found["trials_per_second_by_quarter"]))
    lines = [
        f"{found['options']['trials']} trials in {found['seconds']:.0f} s, {found['trials_per_second']} a second "
        f"(by quarter {rates}); the first ended after {found['seconds_until_the_first_end']:.0f} s, and from then on "
        f"{found['share_outside_of_the_step']:.1%} of the workers' time was outside of the step",
        table(
            ("process", "third quarter, MB", "last quarter, MB", "growth"),
            [
                (
                    row["process"],
                    row["third_quarter_megabytes"],
                    row["last_quarter_megabytes"],
                    "new" if row["growth"] is None else f"{row['growth']:+.1%}",
                )
                for row in found["memory"]
            ],
        ),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
