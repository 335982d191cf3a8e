"""Time to target: cells are measured once, written at once, and kept."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from benchmarks import time_to_target, whole_service

WORDS = ["--quick", "--cores", "1", "--minutes", "0.02"]


@pytest.fixture
def service_within_a_second(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A service that reaches any target in a second; gives the studies that it was asked."""
    asked: list[dict[str, Any]] = []

    @contextmanager
    def running(folder: Path, cores: int, lanes: int) -> Iterator[str]:
        yield "nowhere"

    def seconds_to(url: str, document: dict[str, Any], target: float, limit_seconds: float) -> float:
        asked.append(document)
        return 1.0

    monkeypatch.setattr(whole_service, "running_service", running)
    monkeypatch.setattr(whole_service, "warm_up", lambda *_: None)
    monkeypatch.setattr(whole_service, "seconds_to", seconds_to)
    return asked


def test_a_cell_is_measured_written_and_kept(
    tmp_path: Path, team_of_one: None, service_within_a_second: list[dict[str, Any]]
) -> None:
    output = tmp_path / "found.json"
    time_to_target.main([*WORDS, "--output", str(output)])
    first = json.loads(output.read_text())
    cell = first["cells"][0]
    assert (cell["dataset"], cell["seed"], cell["service"]) == ("digits-table", 0, 1.0)
    assert 0 < cell["target"] < 10
    assert cell["typical"]["reached_after"] <= cell["typical"]["seconds"] == pytest.approx(1.2)
    time_to_target.main([*WORDS, "--output", str(output)])
    assert len(service_within_a_second) == 1
    assert json.loads(output.read_text()) == first


def test_a_file_measured_otherwise_is_not_gone_on_with(tmp_path: Path) -> None:
    output = tmp_path / "found.json"
    output.write_text(json.dumps({"asked": {"minutes": 10.0}, "cells": [], "speeds": []}))
    with pytest.raises(SystemExit, match="name another file"):
        time_to_target.main([*WORDS, "--output", str(output)])


def test_a_target_that_was_not_reached_counts_as_the_whole_time() -> None:
    cells = [
        {"dataset": "wine", "target": 0.1, "typical": {"seconds": 600.0}, "careful": None, "service": service}
        for service in (30.0, 20.0, None)
    ]
    summary = next(time_to_target._summaries(cells))
    assert summary["reached"] == {"careful": 0, "service": 2}
    assert summary["seconds"]["service"] == {"median": 30.0, "low": 20.0, "high": 600.0}
    assert summary["typical_seconds_over"]["service"] == {"median": 20.0, "low": 1.0, "high": 30.0}
