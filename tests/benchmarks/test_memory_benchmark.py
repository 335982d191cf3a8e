"""The memory benchmark measures a case and prints a line for it."""

from pathlib import Path

import pytest

from benchmarks.memory import Case, _table, measured

needs_peaks = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux to see a peak")


@needs_peaks
def test_a_case_is_measured_beside_the_formula() -> None:
    found = measured(Case("mlp", 8, 1, "alone"))
    assert found["formula_bytes"] > 4 * 4 * 64 * 8
    assert found["measured_bytes"] >= 0
    assert f"| mlp 8 × 1 | alone | {found['formula_bytes'] / 1e6:.2f} |" in _table([found])
