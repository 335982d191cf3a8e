"""The device that a worker is to train on, and whether it is there."""

from __future__ import annotations

import subprocess
import sys

# A process of its own, since the worker's main process must not import torch.
_COUNT = "import torch; print(torch.cuda.device_count())"
_COUNT_SECONDS = 120.0


class DeviceMissing(Exception):
    """The worker was told to train on a device that torch does not find here."""

    def __init__(self, device: str, found: str) -> None:
        super().__init__(f"there is no device {device!r}: torch finds {found}; use --device cpu, or one that is there")


def check_device(device: str) -> None:
    """Returns if torch can use the device ("cpu", "cuda" or "cuda:N"): a worker without it would fail every fit.

    Raises:
        DeviceMissing: it cannot.
    """
    family, _, number = device.partition(":")
    if family == "cpu":
        return
    counted = subprocess.run(
        [sys.executable, "-c", _COUNT], capture_output=True, text=True, check=False, timeout=_COUNT_SECONDS
    )
    if counted.returncode != 0:
        raise DeviceMissing(device, f"none, since it cannot be imported: {counted.stderr.strip()[-300:]}")
    count = int(counted.stdout)
    if count <= int(number or 0):
        raise DeviceMissing(device, f"{count} of CUDA")
