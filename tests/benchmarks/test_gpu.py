"""The benchmark of a GPU: all of it runs on a processor in its smallest form, and no failure takes the rest along."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.gpu.__main__ import main
from benchmarks.gpu.sections import Sections, Until, each


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the smallest form wrote."""
    path = tmp_path_factory.mktemp("gpu") / "gpu.json"
    main(["--smoke", "--output", str(path)])
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_every_section_of_the_smallest_form_has_figures(report: dict[str, Any]) -> None:
    assert report["smoke"]
    assert {"calibration", "loops", "lane_steps_float32", "isolation", "refilling", "buckets"} <= set(
        report["sections"]
    )
    assert "error" not in json.dumps(report["sections"])


def test_a_refill_records_nothing(report: dict[str, Any]) -> None:
    assert report["sections"]["refilling"]["recordings_by_refills"] == 0


def test_a_bucket_is_recorded_once(report: dict[str, Any]) -> None:
    assert [epoch["recordings"] for epoch in report["sections"]["buckets"]["epochs"]] == [1, 1, 0, 0]


def test_isolation_is_measured_in_each_precision_that_the_device_has(report: dict[str, Any]) -> None:
    exact, tf32, coarse = report["sections"]["isolation"]["cells"]
    assert tf32["left_out"] == "only a GPU multiplies in tf32"
    for cell in (exact, coarse):
        assert cell["alone_and_in_company"] <= cell["promised"]
        assert cell["beside_one_that_diverges_equal_to_the_bit"]


def test_a_section_that_fails_leaves_the_others_standing(tmp_path: Path) -> None:
    report: dict[str, Any] = {"sections": {}}
    sections = Sections(report, 60.0, tmp_path / "report.json")

    def fail(until: Until) -> dict[str, Any]:
        raise RuntimeError("an illegal memory access was encountered")

    sections.run("first", 1.0, fail)
    sections.run("second", 1.0, lambda until: {"figure": 1})
    found = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["sections"]
    assert found["first"]["error"] == "RuntimeError: an illegal memory access was encountered"
    assert found["second"]["figure"] == 1


def test_a_section_without_time_is_left_out() -> None:
    report: dict[str, Any] = {"sections": {}}
    Sections(report, 10.0, None).run("long", 60.0, lambda until: {"figure": 1})
    assert "left_out" in report["sections"]["long"]
    assert "figure" not in report["sections"]["long"]


def test_cells_without_time_and_cells_that_fail_are_noted_in_their_places() -> None:
    def divide(cell: int) -> dict[str, Any]:
        return {"quotient": 6 / cell}

    first, second = each([0, 2], divide, Until(60.0))
    assert (first["error"], second["quotient"]) == ("ZeroDivisionError: division by zero", 3.0)
    assert each([1], divide, Until(0.0)) == [{"cell": 1, "left_out": "no time was left"}]


def test_without_a_gpu_the_full_form_says_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(SystemExit):
        main([])
    assert "--smoke runs on a processor" in capsys.readouterr().err
