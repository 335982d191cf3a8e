"""The whole service as a contestant: a study posted over HTTP to `regtune up`, timed until it says completed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from benchmarks.workload import RANGES, Workload

_READY = "regtune is ready at "
_POLL_SECONDS = 0.05
ENDED = ("completed", "stopped", "failed")


@contextmanager
def running_service(folder: Path, cores: int, lanes: int) -> Iterator[str]:
    """The URL of an embedded deployment with so many workers, there while the block runs."""
    command = [Path(sys.executable).parent / "regtune", "up", "--port", "0", "--data", folder]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REGTUNE_")}
    process = subprocess.Popen(
        [*map(str, command), "--workers", str(cores), "--lanes", str(lanes)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield next(line.removeprefix(_READY).strip() for line in process.stdout or () if line.startswith(_READY))
    finally:
        process.terminate()
        process.communicate()


def warm_up(url: str, cores: int, lanes: int) -> None:
    """Has every worker load what it loads first, by a study of more small trials than one of them takes at once."""
    workload = Workload(width=8, depth=1, epochs=1, batch_size=128, trials=2 * cores * lanes, lanes=lanes)
    completed(url, study_of(workload, "warm"), workload)


def trials_per_second(url: str, workload: Workload, name: str) -> float:
    """The trials of a study over the time from its POST to the answer that it is completed."""
    return workload.trials / completed(url, study_of(workload, name), workload).seconds


@dataclass(frozen=True)
class Completed:
    """A study that is completed: the seconds since its POST, and its best value."""

    seconds: float
    best: float


def completed(url: str, document: Mapping[str, object], workload: Workload) -> Completed:
    """Runs a study to its end, and looks whether it did the work."""
    with httpx2.Client(base_url=f"{url}/api/v1", timeout=60) as client:
        began = time.monotonic()
        study = client.post("/studies", json=document).raise_for_status().json()
        while study["state"] not in ENDED:
            time.sleep(_POLL_SECONDS)
            study = client.get(f"/studies/{study['id']}").raise_for_status().json()
        seconds = time.monotonic() - began
    progress = study["progress"]
    if progress["completed"] != workload.trials or progress["epochs_run"] != workload.trials * workload.epochs:
        raise RuntimeError(f"not equal work: {workload.trials} trials asked for, got {progress}")
    return Completed(seconds, study["best"]["value"])


def seconds_to(url: str, document: Mapping[str, object], target: float, limit_seconds: float) -> float | None:
    """From the POST of a study that minimizes until its best value is at most the target; None where it never is."""
    with httpx2.Client(base_url=f"{url}/api/v1", timeout=60) as client:
        began = time.monotonic()
        study = client.post("/studies", json=document).raise_for_status().json()
        while study["state"] not in ENDED:
            seconds = time.monotonic() - began
            if study["best"] is not None and study["best"]["value"] <= target:
                _stop(client, study["id"])
                return seconds
            if seconds > limit_seconds:
                _stop(client, study["id"])
                return None
            time.sleep(_POLL_SECONDS)
            study = client.get(f"/studies/{study['id']}").raise_for_status().json()
        raise RuntimeError(f"the study ended early: {study['stop_reason']}, {study['progress']}")


def _stop(client: httpx2.Client, study_id: str) -> None:
    """Stops a study and waits until nothing of it runs any more."""
    client.post(f"/studies/{study_id}:stop", json={"mode": "now"}).raise_for_status()
    while client.get(f"/studies/{study_id}").raise_for_status().json()["state"] not in ENDED:
        time.sleep(_POLL_SECONDS)


def study_of(workload: Workload, name: str) -> dict[str, Any]:
    """The document of a study that searches the workload's space on digits."""
    searched = {name: {"low": low, "high": high, "log": log} for name, (low, high, log) in RANGES.items()}
    return {
        "name": name,
        "dataset": "digits",
        "model": {"kind": "mlp", "width": workload.width, "depth": workload.depth},
        "training": {
            "epochs": workload.epochs,
            "batch_size": workload.batch_size,
            "optimizer": {"kind": "adamw", "learning_rate": searched["training.optimizer.learning_rate"]},
        },
        "regularizers": [
            {"kind": "dropout", "rate": searched["dropout.rate"]},
            {"kind": "l1", "strength": searched["l1.strength"]},
            {"kind": "decoupled_weight_decay", "strength": searched["decoupled_weight_decay.strength"]},
        ],
        "objective": {"metric": "accuracy", "direction": "maximize"},
        "pruner": None,
        "baselines": False,
        "budget": {"trials": workload.trials},
    }
