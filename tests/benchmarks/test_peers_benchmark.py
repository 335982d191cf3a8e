"""Peers: every tool that is there searches the same study, and one that is not is named with the reason."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks import peers, whole_service
from benchmarks.tools import TOOLS, Question
from benchmarks.whole_service import Completed


@contextmanager
def _running(folder: Path, cores: int, lanes: int) -> Iterator[str]:
    yield "nowhere"


def _not_installed(question: Question) -> None:
    raise ModuleNotFoundError("No module named 'peer'")


def test_tools_are_measured_or_left_out_with_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_service, "running_service", _running)
    monkeypatch.setattr(whole_service, "warm_up", lambda *_: None)
    monkeypatch.setattr(whole_service, "completed", lambda *_: Completed(0.5, 0.25))
    monkeypatch.setitem(TOOLS, "hyperopt", _not_installed)
    output = tmp_path / "peers.json"
    words = ["--tools", "optuna", "hyperopt", "--trials", "2", "--epochs", "1", "--cores", "1", "--rounds", "1"]
    peers.main([*words, "--width", "8", "--output", str(output)])
    found = json.loads(output.read_text())
    assert found["left_out"] == {"hyperopt": "No module named 'peer'"}
    assert [each["contestant"] for each in found["contestants"]] == ["service", "optuna"]
    optuna = found["turns"][1]["outcome"]
    assert optuna["trials"] == 2
    assert 0 < optuna["best"] < 10
    assert found["contestants"][1]["seconds_over_services"]["median"] == pytest.approx(
        optuna["seconds"] / 0.5, abs=0.01
    )
