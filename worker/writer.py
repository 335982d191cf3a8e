"""The writer of a run's ticks: one in flight at most, while the next epoch trains."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from service.store.ticks import Tick, TickAnswer


class TickWriter:
    """Records ticks in order, in a thread of its own; a tick that is refused is never followed by another."""

    def __init__(self, record: Callable[[Tick], TickAnswer]) -> None:
        """`record` writes one tick and raises LeaseLost when the run is not ours any more."""
        self._record = record
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ticks")
        self._in_flight: Future[TickAnswer] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._executor.shutdown(wait=True)

    def send(self, tick: Tick) -> None:
        """Starts to write a tick.

        Raises:
            RuntimeError: the tick before is in flight still: it must be settled first, for it may be refused.
        """
        if self._in_flight is not None:
            raise RuntimeError(f"tick {tick.number} was sent before the answer to the one before was settled")
        self._in_flight = self._executor.submit(self._record, tick)

    def settle(self) -> TickAnswer | None:
        """Waits for the tick in flight and gives its answer; None when there is none.

        Raises:
            LeaseLost: it was refused.
        """
        if self._in_flight is None:
            return None
        in_flight, self._in_flight = self._in_flight, None
        return in_flight.result()
