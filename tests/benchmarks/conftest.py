"""A team of one that works in the test's own process: starting others costs more than what they would do."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import pytest

from benchmarks import searching, time_to_target


class TeamOfOne:
    """What `benchmarks.processes.Team` is to its callers."""

    def __init__(self, cores: int) -> None:
        if cores != 1:
            raise ValueError(f"this team has one process, not {cores}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    def work(self, work: Callable[..., Any], *arguments: Any) -> list[Any]:
        return [work(*arguments)]


@pytest.fixture
def team_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Teams of searches are of one process, the test's."""
    monkeypatch.setattr(time_to_target, "Team", TeamOfOne)
    monkeypatch.setattr(searching, "wait_for_all", lambda: None)
