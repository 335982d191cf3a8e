"""Graphs of a GPU: what one step launches, recorded once for each bucket of lane counts and replayed ever after.

A small network's step is dozens of kernels, each of which takes the host longer to launch than the GPU to run; a replay
is one launch. A recording reads and writes the addresses that it was made with, so that every bucket has tensors of its
own, which stay: fits that enter are copied into them, and nothing is recorded again. Reasons in docs/decisions/0006.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from regcore.lanes.engines import Around, Engine
from regcore.lanes.turns import Part

_log = logging.getLogger(__name__)

_BUCKETS = (2, 8, 32, 128)
"""Small ones lie far apart, for a GPU takes as long for eight small lanes as for two; from the last on they double."""
_WARM_UPS = 3


@dataclass(frozen=True)
class Recording:
    """What was recorded: `replay` does it again, and leaves its result in the tensor `result`."""

    result: Tensor
    replay: Callable[[], object]


class Recorder(Protocol):
    def record(self, run: Callable[[], Tensor]) -> Recording:
        """Records what `run` does to tensors; it may be run some times before."""


class CudaRecorder:
    """Records with CUDA graphs. All of a recorder's graphs share the memory of what they compute on the way.

    Sharing is safe because no two are ever replayed at once, and a result is copied before the next replay.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._stream = torch.cuda.Stream(device)
        self._pool = torch.cuda.graph_pool_handle()

    def record(self, run: Callable[[], Tensor]) -> Recording:
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.device(self._device):
            self._stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(self._stream):
                # What happens once, compiling and choosing algorithms, may not happen while recording.
                for _ in range(_WARM_UPS):
                    run()
            torch.cuda.current_stream().wait_stream(self._stream)
            # The threads that renew the lease and write ticks are no part of what is recorded.
            with torch.cuda.graph(graph, pool=self._pool, stream=self._stream, capture_error_mode="thread_local"):
                result = run()
        return Recording(result, graph.replay)


class Replayed:
    """A function `(state, …) → (state, result)`, recorded for each shape of its arguments and replayed.

    The returned state lies in tensors that stay: handed in again, it is used where it lies, while any other is copied
    there. Other arguments are copied when they are not the very objects of the call before, and so must not be written
    to by others. What cannot be recorded is called as it is.
    """

    def __init__(self, advance: Callable[..., tuple[Any, Tensor]], recorder: Recorder) -> None:
        self._advance = advance
        self._recorder = recorder
        self._slots: dict[tuple[torch.Size, ...], _Slot] = {}
        self._records = True

    def __call__(self, *arguments: Any) -> tuple[Any, Tensor]:
        shape = tuple(argument.shape for argument in arguments if isinstance(argument, Tensor))
        if shape not in self._slots and self._records:
            self._add(shape, arguments)
        if not self._records:
            return self._advance(*arguments)
        return self._slots[shape].advanced(arguments)

    def _add(self, shape: tuple[torch.Size, ...], arguments: Sequence[Any]) -> None:
        try:
            self._slots[shape] = _Slot(self._advance, self._recorder, arguments)
        except torch.OutOfMemoryError:
            raise
        except Exception as error:
            _log.warning("a step cannot be recorded, and is launched kernel by kernel, which is slower: %r", error)
            self._records = False
            self._slots.clear()


class _Slot:
    """One recording, with the tensors that it reads and writes."""

    def __init__(
        self, advance: Callable[..., tuple[Any, Tensor]], recorder: Recorder, arguments: Sequence[Any]
    ) -> None:
        # Copies, and not empty tensors: the runs before recording must find rows that exist.
        self._own = pytree.tree_map_only(Tensor, torch.clone, tuple(arguments))
        self._leaves = [pytree.tree_leaves(argument) for argument in self._own]
        # The state is changed by those runs, and has to be copied once more.
        self._held: list[Any] = [None, *arguments[1:]]

        def run() -> Tensor:
            state, result = advance(*self._own)
            for leaf, new in zip(self._leaves[0], pytree.tree_leaves(state), strict=True):
                if new is not leaf:
                    leaf.copy_(new)
            return result

        self._recording = recorder.record(run)

    def advanced(self, arguments: Sequence[Any]) -> tuple[Any, Tensor]:
        for place, argument in enumerate(arguments):
            if argument is not self._held[place]:
                self._copy(place, argument)
        self._held[0] = self._own[0]
        self._recording.replay()
        return self._own[0], self._recording.result.clone()

    def _copy(self, place: int, argument: Any) -> None:
        for leaf, given in zip(self._leaves[place], pytree.tree_leaves(argument), strict=True):
            if given is not leaf:
                leaf.copy_(given)
        self._held[place] = argument


class Replaying(Around):
    """An engine that trains a bucket of lanes at a time, by recordings: its numbers are those of the engine within."""

    def __init__(self, engine: Engine, recorder: Recorder) -> None:
        super().__init__(engine)
        # A recording is the same whoever trains.
        self.spares = False
        self._recorder = recorder
        self._is_ready = False

    def width(self, lanes: int, most: int) -> int:
        return max(min(bucket(lanes), most), self.least_lanes)

    def repeated(self, advance: Callable[..., Any]) -> Callable[..., Any]:
        replayed = Replayed(advance, self._recorder)
        # A compiler that fails is not to be mistaken for a step that cannot be recorded.
        return lambda *arguments: (replayed if self._is_ready else advance)(*arguments)

    def make_ready(self, parts: Sequence[Part], device: torch.device, while_waiting: Callable[[], None]) -> None:
        super().make_ready(parts, device, while_waiting)
        self._is_ready = True


def bucket(lanes: int) -> int:
    """The smallest bucket that holds so many lanes."""
    fitting = (size for size in _BUCKETS if lanes <= size)
    return next(fitting, 1 << (lanes - 1).bit_length())


def on_device(engine: Engine, device: torch.device) -> Engine:
    """The engine as it runs on a device: by recordings on a GPU, as it is elsewhere."""
    if device.type != "cuda":
        return engine
    # Lanes that were given up before, say for want of memory, refer to themselves, and hold the device's until then.
    gc.collect()
    return Replaying(engine, CudaRecorder(device))
