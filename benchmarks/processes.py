"""Processes that wait for their turn: one contestant on so many cores, started once and timed many times."""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing.synchronize import Barrier
from types import TracebackType
from typing import Self

from benchmarks.workload import Workload

_starting_line: Barrier


class Team:
    """A contestant's processes, one a core with one thread each; idle between their turns."""

    def __init__(self, contestant: str, cores: int) -> None:
        self._contestant = contestant
        self._cores = cores
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(cores, context, initializer=_get_ready, initargs=(context.Barrier(cores),))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown()

    def trials_per_second(self, workload: Workload, storage: str) -> float:
        """All trials over the time from the first start to the last end; what a process loads first is not in it."""
        share = replace(workload, trials=workload.trials // self._cores)
        turns = [self._pool.submit(_take_turn, self._contestant, share, storage) for _ in range(self._cores)]
        times = [turn.result() for turn in turns]
        return share.trials * self._cores / (max(end for _, end in times) - min(start for start, _ in times))


def _get_ready(starting_line: Barrier) -> None:
    global _starting_line
    _starting_line = starting_line
    import optuna
    import torch

    torch.set_num_threads(1)
    optuna.logging.set_verbosity(optuna.logging.WARNING)


def _take_turn(contestant: str, workload: Workload, storage: str) -> tuple[float, float]:
    """When it started and ended, by the machine's monotonic clock."""
    from benchmarks.contestants import CONTESTANTS

    run = CONTESTANTS[contestant]
    run(replace(workload, trials=1, epochs=1), f"{storage}-warm")
    _starting_line.wait()
    began = time.monotonic()
    run(workload, storage)
    return began, time.monotonic()
