"""The whole service as a contestant: a study posted over HTTP to `regtune up`, timed until it says completed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from benchmarks.workload import RANGES, Workload

_READY = "regtune is ready at "
_POLL_SECONDS = 0.05


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


def trials_per_second(url: str, workload: Workload, name: str) -> float:
    """The trials of a study over the time from its POST to the answer that it is completed."""
    with httpx2.Client(base_url=f"{url}/api/v1", timeout=60) as client:
        began = time.monotonic()
        study = client.post("/studies", json=_study(workload, name)).raise_for_status().json()
        while study["state"] not in ("completed", "stopped", "failed"):
            time.sleep(_POLL_SECONDS)
            study = client.get(f"/studies/{study['id']}").raise_for_status().json()
        seconds = time.monotonic() - began
    progress = study["progress"]
    if progress["completed"] != workload.trials or progress["epochs_run"] != workload.trials * workload.epochs:
        raise RuntimeError(f"not equal work: {workload.trials} trials asked for, got {progress}")
    return workload.trials / seconds


def _study(workload: Workload, name: str) -> dict[str, Any]:
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
