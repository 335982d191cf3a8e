"""Processes that wait for their turn: one a core with one thread each, started once and given work many times."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ProcessPoolExecutor, wait
from multiprocessing.synchronize import Barrier
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

_starting_line: Barrier

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class Team:
    """Processes that do the same work at the same time; idle between their turns."""

    def __init__(self, cores: int) -> None:
        self._cores = cores
        context = multiprocessing.get_context("spawn")
        self._line = context.Barrier(cores)
        self._pool = ProcessPoolExecutor(cores, context, initializer=_get_ready, initargs=(self._line,))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown()

    def work(
        self, work: Callable[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs
    ) -> list[Result]:
        """What every process made of the same arguments; the work calls `wait_for_all` once before its time counts."""
        turns = [self._pool.submit(work, *arguments, **named) for _ in range(self._cores)]
        ended, others = wait(turns, return_when=FIRST_EXCEPTION)
        if others:
            # One of them failed; those that wait for it at the line would wait for ever.
            self._line.abort()
        return [turn.result() for turn in (*ended, *others)]


def wait_for_all() -> None:
    """Waits, in a process of a team, until its fellows have come as far."""
    _starting_line.wait()


def _get_ready(starting_line: Barrier) -> None:
    global _starting_line
    _starting_line = starting_line
    import optuna
    import torch

    torch.set_num_threads(1)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
