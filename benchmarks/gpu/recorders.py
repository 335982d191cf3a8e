"""Recorders that count: CUDA graphs on a GPU, and on a processor a stand-in that runs the function again."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from torch import Tensor

from regcore.lanes.graphs import CudaRecorder, Recorder, Recording


class Rerunning:
    """Records nothing: a replay runs the function again. For the smoke mode, where there is no GPU."""

    def record(self, run: Callable[[], Tensor]) -> Recording:
        result = run()
        return Recording(result, lambda: result.copy_(run()))


class Counting:
    """A recorder that counts its recordings, and the seconds that they took."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self.recordings = 0
        self.seconds = 0.0

    def record(self, run: Callable[[], Tensor]) -> Recording:
        began = time.perf_counter()
        recording = self._recorder.record(run)
        self.recordings += 1
        self.seconds += time.perf_counter() - began
        return recording


def recorder_of(device: torch.device) -> Counting:
    """What records on a device."""
    return Counting(CudaRecorder(device) if device.type == "cuda" else Rerunning())
