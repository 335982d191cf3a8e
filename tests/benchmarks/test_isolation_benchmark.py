"""The isolation benchmark: it says when a promise is kept, and when it is broken."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks import isolation
from regcore.lanes import Fit, Lanes

WORDS = ["--engines", "eager", "--kinds", "dropout", "--epochs", "2"]


def test_what_is_promised_is_kept(tmp_path: Path) -> None:
    output = tmp_path / "isolation.json"
    assert isolation.main([*WORDS, "--output", str(output)]) == 0
    found = json.loads(output.read_text())
    assert found["kept"]
    assert {each["comparison"] for each in found["found"]} >= {"alone or in company", "a neighbour diverges"}


def test_curves_that_depend_on_the_number_of_lanes_break_the_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    def leaking(lanes: Lanes, fits: Sequence[Fit], at_first: int) -> isolation.Curves:
        company = lanes.free
        return {
            fit.key: [1.0 + 1e-5 * company] * (1 if fit.values.get(isolation.LEARNING_RATE) == 1e30 else 2)
            for fit in fits
        }

    monkeypatch.setattr(isolation, "_curves", leaking)
    assert isolation.main(WORDS) == 1


@pytest.mark.parametrize("other", [[1.0], [1.0, math.nan]])
def test_numbers_that_are_missing_or_none_are_the_largest_difference(other: list[float]) -> None:
    assert isolation._largest({"0": [1.0, 2.0]}, {"0": other}) == math.inf


def test_differences_are_relative() -> None:
    assert isolation._largest({"0": [1.0, 202.0]}, {"0": [1.0, 200.0]}) == pytest.approx(0.01)
