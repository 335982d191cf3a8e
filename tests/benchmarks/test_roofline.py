"""The roofline: its formulas by hand, and a step that is timed."""

import json

import pytest

from benchmarks import roofline

WORDS = ["--widths", "64", "--engines", "eager", "alone", "--rounds", "1", "--seconds", "0.01", "--lanes", "2"]


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    output = tmp_path_factory.mktemp("roofline") / "roofline.json"
    roofline.main([*WORDS, "--output", str(output)])
    return {cell["engine"]: cell for cell in json.loads(output.read_text())["cells"]}


def test_operations_and_bytes_are_those_of_the_formulas(cells: dict[str, dict]) -> None:
    """64 inputs, two layers of 64, 10 classes, 128 rows: 8832 weights, 4096 of them in the first layer."""
    assert cells["eager"]["floating_point_operations"] == 2 * 128 * (3 * 8832 - 4096)
    assert cells["eager"]["bytes"] == 24 * (8832 + 64 + 64 + 10) + 4 * 128 * 74


def test_an_engine_has_the_lanes_that_the_choice_gives_it(cells: dict[str, dict]) -> None:
    assert {engine: cell["lanes"] for engine, cell in cells.items()} == {"eager": 2, "alone": 1}


def test_shares_follow_from_the_time_and_the_calibration(cells: dict[str, dict]) -> None:
    cell = cells["eager"]
    assert 0 < cell["share_of_gemm_peak"]["median"] < 1
    assert cell["limit"] == "gemm"
